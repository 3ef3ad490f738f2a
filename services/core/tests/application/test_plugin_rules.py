"""Rules that a plugin brings: they hold while it is ready, for everyone, and the configuration stands above them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from beianhub.filing.v1 import admin_service_pb2 as admin
from beianhub.filing.v1 import order_service_pb2 as pb
from beianhub.resources.v1 import planning_pb2 as planning
from beianhub.resources.v1.plugin_pb2 import Plugin
from beianhub_core.application import Rulebooks
from beianhub_core.errors import BeianhubError

from .conftest import PARENT, Desk

HEAD = 'pack: {{id: {id}, version: "1.2", as_of: "2027", title: 自有规则}}\n'
ONLY_CN = 'rules:\n- {scope: {province: 北京}, source: [%s], as_of: "2027", values: {suffix.allowed: [%s]}}\n'


def pack(plugin: str = "house", suffix: str = "cn") -> str:
    """A pack by which Beijing takes one suffix only."""
    return HEAD.format(id=plugin) + ONLY_CN % (plugin, suffix)


def plugin(text: str, name: str = "house", **fields: Any) -> Plugin:
    given = {"kind": Plugin.KIND_RULES, "state": Plugin.STATE_READY, "distribution": f"dist-{name}"} | fields
    return Plugin(name=f"plugins/{name}", rule_pack=text, **given)


async def found(desk: Desk, name: str) -> list[tuple[str, str]]:
    """The code and the chosen source of what Check says about suffixes that are not listed."""
    answer = await desk.app.orders.check_order(desk.owner, pb.CheckOrderRequest(name=name))
    return [(each.code, each.source[0]) for each in answer.findings if each.rule == "suffix.allowed"]


async def test_a_plugins_rule_refuses_a_submission_until_it_is_disabled(desk: Desk) -> None:
    """Check and Submit find it with its source; an operator who disables the plugin takes its rules away."""
    name = await desk.draft(await desk.subject())
    await desk.app.admin.register_plugins([plugin(pack())])
    assert await found(desk, name) == [("SUFFIX_NOT_LISTED", "house")]
    with pytest.raises(BeianhubError) as caught:
        await desk.submit(name)
    assert [each.code for each in caught.value.findings] == ["SUFFIX_NOT_LISTED"]
    await desk.app.admin.disable_plugin(desk.owner, admin.DisablePluginRequest(name="plugins/house"))
    assert not await found(desk, name)
    await desk.app.admin.enable_plugin(desk.owner, admin.EnablePluginRequest(name="plugins/house"))
    assert await found(desk, name)
    await desk.app.admin.disable_plugin(desk.owner, admin.DisablePluginRequest(name="plugins/house"))
    assert (await desk.submit(name)).submission.generation == 1


async def test_a_plan_follows_a_plugins_rules(desk: Desk) -> None:
    """Plan reads the same book as Submit does."""
    situation = planning.Situation(domain={"name": "shop0.com"}, subject={"province": "北京"})
    request = pb.PlanRequest(parent=PARENT, situation=situation, wish=planning.WISH_SERVE_DOMAIN)
    before = (await desk.app.plans.plan(desk.owner, request)).plan
    await desk.app.admin.register_plugins([plugin(pack())])
    after = (await desk.app.plans.plan(desk.owner, request)).plan
    assert "SUFFIX_NOT_LISTED" not in {each.finding.code for each in before.findings}
    assert "SUFFIX_NOT_LISTED" in {each.finding.code for each in after.findings}


@pytest.mark.parametrize(
    "later",
    [
        plugin("", state=Plugin.STATE_QUARANTINED, reason="denied by the configuration"),
        plugin("", name="other", distribution="dist-house"),
    ],
    ids=["quarantined", "not brought any more"],
)
async def test_rules_go_with_their_plugin(desk: Desk, later: Plugin) -> None:
    """A plugin that is denied, or whose distribution has no rules any more, leaves none behind."""
    name = await desk.draft(await desk.subject())
    await desk.app.admin.register_plugins([plugin(pack())])
    assert await found(desk, name)
    await desk.app.admin.register_plugins([later])
    assert not await found(desk, name)
    shown = await desk.app.admin.get_plugin(desk.owner, admin.GetPluginRequest(name="plugins/house"))
    assert (shown.state, shown.rule_pack) == (Plugin.STATE_QUARANTINED, "")
    assert shown.reason


async def test_a_provider_may_bring_rules_too(desk: Desk) -> None:
    """The pack of a plugin of any kind holds."""
    name = await desk.draft(await desk.subject())
    sim = next(each for each in await desk.app.store.plugins() if each.name == "plugins/sim")
    sim.rule_pack = pack("sim")
    await desk.app.admin.register_plugins([sim])
    assert await found(desk, name) == [("SUFFIX_NOT_LISTED", "sim")]


def allowed(books: Rulebooks, tenant: str, brought: dict[str, str]) -> Any:
    """The suffixes that Beijing takes, and from which pack."""
    rule = books.of(tenant, brought).find("suffix.allowed", province="北京")
    return rule and (rule.value, rule.pack)


def test_the_configuration_stands_above_a_plugin(tmp_path: Path) -> None:
    """Of two equals the configured pack holds, for its tenant; one with the plugin's id takes the plugin's place."""
    own, same = tmp_path / "own.yaml", tmp_path / "same.yaml"
    own.write_text(pack("own", "com"), encoding="utf-8")
    same.write_text(HEAD.format(id="house") + "rules: []\n", encoding="utf-8")
    books = Rulebooks(tenants={"acme": [own], "bare": [same]})
    brought = {"house": pack()}
    assert allowed(books, "acme", brought) == (["com"], "own")
    assert allowed(books, "other", brought) == (["cn"], "house")
    assert allowed(books, "bare", brought) == allowed(Rulebooks(), "bare", {})
    assert [each.id for each in books.of("acme", brought).packs][-2:] == ["house", "own"]


def test_a_pack_that_fits_no_more_harms_nothing_else(tmp_path: Path) -> None:
    """What an engine of another version let in, or what defines a rule of the configuration's, is left out and logged;
    what was wrong in one book is forgotten in the next.
    """
    rule = "definitions:\n  house.rule: {kind: integer, severity: INFO, zh: 规则, en: a rule, do: Look.}\n"
    own = tmp_path / "own.yaml"
    own.write_text(HEAD.format(id="own") + rule + "rules: []\n", encoding="utf-8")
    books = Rulebooks([own])
    brought = {"a": HEAD.format(id="a") + rule + "rules: []\n", "b": "rules: [", "house": pack()}
    with capture_logs() as logs:
        book = books.of("acme", brought)
    assert [each.id for each in book.packs][-2:] == ["house", "own"]
    assert [(log["event"], log["plugin"]) for log in logs] == [
        ("plugin_rule_pack_left_out", "a"),
        ("plugin_rule_pack_left_out", "b"),
    ]
    assert [each.id for each in books.of("acme", {}).packs][-1] == "own"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """A configured pack that changes on the disk counts after the next start, whatever a plugin brings meanwhile."""
    own = tmp_path / "own.yaml"
    own.write_text(pack("own", "com"), encoding="utf-8")
    books = Rulebooks([own])
    own.unlink()
    assert allowed(books, "acme", {"house": pack()}) == (["com"], "own")
