"""The client half of the command: everything that talks to a gateway."""

from __future__ import annotations

import typer

from beianhub_cli.client import (
    access,
    accounts,
    auditing,
    deadlines,
    documents,
    drifts,
    handoffs,
    keys,
    orders,
    plugins,
    risks,
    subjects,
    tasks,
    watching,
)

_GROUPS = (
    ("subject", subjects),
    ("order", orders),
    ("access", access),
    ("drift", drifts),
    ("handoff", handoffs),
    ("task", tasks),
    ("document", documents),
    ("account", accounts),
    ("key", keys),
    ("plugin", plugins),
    ("notice", risks),
    ("deadline", deadlines),
)


def register(app: typer.Typer) -> None:
    """Adds the commands to the root."""
    for name, module in _GROUPS:
        app.add_typer(module.app, name=name)
    watching.register(app)
    risks.register(app)
    auditing.register(app)
    deadlines.register(app)


__all__ = ["register"]
