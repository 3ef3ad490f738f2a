"""Misbehaving plugins in a running engine: each is contained, and everything else goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beianhub.filing.v1.admin_service_pb2 import ListPluginsRequest
from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub.resources.v1.task_pb2 import TASK_PHASE_PERSON
from beianhub_engine.runner import Engine
from beianhub_sdk import Credential

SUBMITS = {
    "raises": "raise ValueError(call.assignment.subject.profile.principal.mobile)",
    "exits": "sys.exit(1)",
    "hangs": "time.sleep(2)",
    "none": "return None",
    "garbage": 'return Accepted("", 5)',
    "mistyped": "return Accepted(12345)",
}


async def test_misbehaving_plugins(world: Any, plugins: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that raises, exits, hangs or answers garbage leaves its order in doubt, for a person to decide; values
    that it threw about are in no log; the quarantined plugin is shown; another vendor's order is filed.
    """
    for name, submit in SUBMITS.items():
        plugins.add(name, submit=submit)
    plugins.add("broken", "import nothing_of_that_name")
    trusted = ("tencent", "broken", *SUBMITS)
    settings = replace(
        world.settings,
        plugins=replace(world.settings.plugins, trusted=trusted),
        credentials={**world.settings.credentials, "any": Credential("id", "secret")},
    )
    async with world.engine(settings):
        shown = await world.app.admin.list_plugins(None, ListPluginsRequest(page_size=50))
        (broken,) = [plugin for plugin in shown.plugins if plugin.name == "plugins/broken"]
        assert broken.state == Plugin.STATE_QUARANTINED
        assert "nothing_of_that_name" in broken.reason
        orders = {}
        for name in SUBMITS:
            await world.account(name, name, res.CHANNEL_API, credential="any")
            orders[name], _ = await world.file(name)
        good, _ = await world.file("tencent")
        await world.until_state(good, res.ORDER_STATE_FILED)
        for name, order in orders.items():
            doubtful = await world.until(order, lambda o: o.submission.state == res.Submission.STATE_IN_DOUBT)
            assert not doubtful.provider_order_id, name
            (task,) = await world.tasks(order)
            assert task.phase == TASK_PHASE_PERSON, name
            assert task.last_error in {"PLUGIN_RAISED", "DEADLINE"}
    output = capsys.readouterr()
    assert "13800138000" not in output.out
    assert "plugin_raised" in output.out


async def test_vendors_requirements_come_before_the_vendor(world: Any, plugins: Any) -> None:
    """What the vendor's form lacks returns the order with the field's name, and nothing is sent."""
    plugins.add("picky")
    source = (plugins.folder / "dist_picky_module.py").read_text()
    blocker = 'pb.Finding(code="PROVIDER_FIELD_REQUIRED", path="profile.city", severity=pb.SEVERITY_BLOCKER)'
    (plugins.folder / "dist_picky_module.py").write_text(source.replace("return []", f"return [{blocker}]", 1))
    settings = replace(
        world.settings,
        plugins=replace(world.settings.plugins, trusted=("picky",)),
        credentials={"any": Credential("id", "secret")},
    )
    async with world.engine(settings):
        await world.account("picky", "picky", res.CHANNEL_API, credential="any")
        order, _ = await world.file("picky")
        returned = await world.until_state(order, res.ORDER_STATE_PROVIDER_REJECTED)
    assert [finding.path for finding in returned.findings] == ["profile.city"]


async def test_a_dead_vendor_opens_the_circuit(world: Any) -> None:
    """While a vendor cannot be reached its calls are held back, the catalogue says so, and others go on."""
    settings = replace(world.settings, breaker_failures=2, breaker_cooldown=1.0, registration=0.2)
    async with world.engine(settings):
        await world.account("aliyun", "dead", res.CHANNEL_API)
        account = await world.app.core.account("tenants/acme/accounts/dead")
        assert account.endpoint
        world.sandbox.script("*", "reset_before_accept", vendor="aliyun", times=2)
        orders = [await world.file("aliyun") for _ in range(2)]
        seen = False
        while not seen:
            shown = await world.app.admin.list_plugins(None, ListPluginsRequest(page_size=50))
            seen = any(plugin.circuit_open for plugin in shown.plugins if plugin.name == "plugins/aliyun")
        other, _ = await world.file("tencent")
        await world.until_state(other, res.ORDER_STATE_FILED)
        for order, _ in orders:
            await world.until_state(order, res.ORDER_STATE_FILED)


async def test_a_crashed_role_runs_again(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that crashes is told in the health, and runs again."""
    crashes = iter([True])
    real = Engine._run_scheduler

    async def once(self: Engine, stop: Any) -> None:
        if next(crashes, False):
            raise RuntimeError("boom")
        await real(self, stop)

    monkeypatch.setattr(Engine, "_run_scheduler", once)
    settings = replace(world.settings, restart=(0.3, 1.0))
    async with world.engine(settings) as engine:
        assert engine.health.failing == {"scheduler": "RuntimeError: boom"}
        assert not engine.health.healthy
        order, _ = await world.file("tencent")
        await world.until_state(order, res.ORDER_STATE_FILED)
        assert engine.health.healthy


async def test_unknown_roles_are_refused(world: Any) -> None:
    """A mistyped role is an error at the start."""
    with pytest.raises(ValueError, match="roles are among"):
        Engine(world.app, None, world.settings, roles=["hosts"])
