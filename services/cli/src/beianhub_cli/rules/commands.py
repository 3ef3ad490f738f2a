"""The three commands. They need no gateway, except for the packs that plugins bring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from beianhub.filing.v1 import admin_service_pb2 as pb
from beianhub_cli.client.command import Session, in_session
from beianhub_cli.client.errors import EXIT_CODES, CommandError, Exit, local_failure, misconfigured, several
from beianhub_cli.client.output import Format, Report, Screen
from beianhub_cli.config import Config, ConfigError, load
from beianhub_cli.rules import views
from beianhub_core.application import Rulebooks
from beianhub_core.domain.catalog import Catalog
from beianhub_core.rulebook import ORDER_TYPES, PackError, Rulebook, Scope, diff
from beianhub_core.rulebook.model import NATURES
from beianhub_core.rules.provinces import BY_NAME, canonical_province

Output = Annotated[Format, typer.Option("--output", "-o", help="How to print the result.")]
Province = Annotated[str, typer.Option(help="A province, such as 河南.")]
Nature = Annotated[str, typer.Option(help=f"The subject's nature: {', '.join(NATURES)}.")]
Provider = Annotated[str, typer.Option(help="A provider, such as tencent.")]
Order = Annotated[str, typer.Option("--order-type", help="An order type, such as ADD_ACCESS.")]
Packs = Annotated[list[Path] | None, typer.Option("--pack", help="One more pack, loaded after the built-in ones.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Also the packs of this configuration file.", envvar="BEIANHUB_CONFIG"),
]
Tenant = Annotated[str, typer.Option(help="With a configuration, the tenant whose packs hold; empty means its own.")]
Plugins = Annotated[bool, typer.Option("--plugins", help="Also the packs of the enabled plugins: asks the gateway.")]
_EPILOG: Final = "Example: {}\n\n" + EXIT_CODES


def register(app: typer.Typer) -> None:
    """Adds ``rules`` with its commands."""
    rules = typer.Typer(no_args_is_help=True, help="The filing rules (备案规则), with their sources and dates.")
    rules.command("list", epilog=_EPILOG.format("beianhub rules list --province 河南 --nature INDIVIDUAL"))(list_rules)
    rules.command("show", epilog=_EPILOG.format("beianhub rules show shell.add_directly --province 四川"))(show_rule)
    rules.command("diff", epilog=_EPILOG.format("beianhub rules diff my-pack.yaml"))(diff_pack)
    app.add_typer(rules, name="rules")


def list_rules(
    *,
    province: Province = "",
    nature: Nature = "",
    provider: Provider = "",
    order_type: Order = "",
    rule: Annotated[str, typer.Option("--id", help="This rule, and those below it: `access`.")] = "",
    pack: Packs = None,
    config: ConfigFile = None,
    tenant: Tenant = "",
    plugins: Plugins = False,
    output: Output = Format.TABLE,
) -> None:
    """List the rules: all, or those that the given facts bring into play."""
    with _telling(output) as screen:
        facts = _facts(province, nature, provider, order_type)
        book = _book(pack or [], config, tenant, _brought(screen, config) if plugins else {})
        found = book.list(id=rule, **facts)
        document = {
            "rules": [each.document() for each in found],
            "packs": [{"id": p.id, "version": p.version, "as_of": p.as_of, "title": p.title} for p in book.packs],
        }
        screen.show(Report(document, views.listing(found, book.packs)))


def show_rule(
    rule: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, as `rules list` shows it.")],
    *,
    province: Province = "",
    nature: Nature = "",
    provider: Provider = "",
    order_type: Order = "",
    pack: Packs = None,
    config: ConfigFile = None,
    tenant: Tenant = "",
    plugins: Plugins = False,
    output: Output = Format.TABLE,
) -> None:
    """Show what holds under the given facts, from which source, and why other sources were not chosen.

    Without facts, the rule is shown for every place where it is stated.
    """
    with _telling(output) as screen:
        facts = _facts(province, nature, provider, order_type)
        book = _book(pack or [], config, tenant, _brought(screen, config) if plugins else {})
        found = _found(book, rule, facts)
        grids = [grid for each in found for grid in views.details(each)]
        screen.show(Report([each.document() for each in found], grids))


def diff_pack(
    file: Annotated[Path, typer.Argument(help="The pack. One with a built-in pack's id takes that one's place.")],
    *,
    config: ConfigFile = None,
    tenant: Tenant = "",
    plugins: Plugins = False,
    output: Output = Format.TABLE,
) -> None:
    """Show what a pack changes in the built-in rules, and in those of a configuration."""
    with _telling(output) as screen:
        brought = _brought(screen, config) if plugins else {}
        found = diff(_book([], config, tenant, brought), _book([file], config, tenant, brought))
        document = [
            {
                "id": change.id,
                "scope": change.scope.document(),
                "change": views.kind(change),
                "before": change.before and change.before.document(),
                "after": change.after and change.after.document(),
            }
            for change in found
        ]
        screen.show(Report(document, views.changes(found)))


def _book(packs: list[Path], config: Path | None, tenant: str, brought: Mapping[str, str]) -> Rulebook:
    """The built-in packs, the plugins', those that the configuration names for the tenant, and ``packs``."""
    configured = _configured(load(config), tenant) if config is not None else []
    return Rulebooks([*configured, *packs]).of(tenant, brought)


def _brought(screen: Screen, config: Path | None) -> Mapping[str, str]:
    """The packs of the enabled plugins, by the plugin's id, as the configured gateway says."""

    async def ask(session: Session) -> Mapping[str, str]:
        request = pb.ListPluginsRequest(page_size=1000)
        answer = await session.page(session.connection.admin.ListPlugins, request, pb.ListPluginsResponse, every=True)
        return Catalog(answer.plugins).rule_packs

    return asyncio.run(in_session(ask, {}, {"config": config}, screen))


def _configured(config: Config, tenant: str) -> list[Path]:
    own = config.rules.tenants.get(tenant or config.tenant)
    return [*config.rules.packs, *(own.packs if own is not None else ())]


def _found(book: Rulebook, rule: str, facts: dict[str, str]) -> list[Any]:
    """The rules to show. Raises CommandError where there are none."""
    if rule not in book.definitions:
        raise _missing(
            "RULE_UNKNOWN",
            "没有此规则",
            f"no rule {rule!r} is defined",
            "见 `beianhub rules list`。 / See `beianhub rules list`.",
        )
    if not facts:
        return [each for each in book.list(id=rule) if each.id == rule]
    if (found := book.find(rule, **facts)) is not None:  # type: ignore[arg-type]  # the facts are texts, never `today`
        return [found]
    raise _missing(
        "RULE_SILENT", "没有来源对此有规定", "no source rules on this here", "去掉一个选项。 / Leave out an option."
    )


def _missing(code: str, zh: str, en: str, remedy: str) -> CommandError:
    return local_failure(code, "rule", zh, en, remedy, Exit.NOT_FOUND)


def _facts(province: str, nature: str, provider: str, order_type: str) -> dict[str, str]:
    """The facts that were given, in the form of a scope. Raises CommandError."""
    short = canonical_province(province)
    if province and not short:
        raise _unknown("province", province, BY_NAME)
    if nature and nature.upper() not in NATURES:
        raise _unknown("nature", nature, NATURES)
    if order_type and order_type.upper() not in ORDER_TYPES:
        raise _unknown("order-type", order_type, sorted(ORDER_TYPES))
    return Scope(short, nature.upper(), provider.lower(), order_type.upper()).document()


def _unknown(option: str, given: str, known: Any) -> CommandError:
    return local_failure(
        "OPTION_UNKNOWN",
        option,
        f"{given!r} 无法识别",
        f"{given!r} is not known",
        f"请用其中之一：{', '.join(known)}。 / Use one of: {', '.join(known)}.",
        Exit.USAGE,
    )


@contextmanager
def _telling(form: Format) -> Iterator[Screen]:
    """The screen; what goes wrong is told on it, with the exit code."""
    screen = Screen(form)
    try:
        yield screen
    except PackError as error:
        failure = several(error.findings).failure
    except CommandError as error:
        failure = error.failure
    except ConfigError as error:
        failure = misconfigured(error)
    else:
        return
    screen.fail(failure)
    raise typer.Exit(failure.exit)
