"""Loading plugins: named ones only, each on its own, the broken ones quarantined with their reasons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from beianhub.resources.v1.plugin_pb2 import Plugin, SubmissionGuarantee
from beianhub.resources.v1.resources_pb2 import CHANNEL_API, OPERATION_SUBMIT, ORDER_TYPE_FIRST_FILING
from beianhub_engine.plugins.loader import PluginLoadError, load_plugins
from beianhub_engine.settings import PluginOverrides, PluginSettings


def load(plugins: Any, *trusted: str, **settings: Any) -> tuple[dict[str, Plugin], dict[str, str]]:
    """The ready ones' descriptions and the quarantined ones' reasons, by id."""
    loaded = load_plugins(PluginSettings(trusted=trusted, **settings), plugins.found())
    ready = {plugin.id: plugin.description for plugin in loaded.ready}
    return ready, {plugin.name.removeprefix("plugins/"): plugin.reason for plugin in loaded.quarantined}


def test_installed_ones_describe_themselves() -> None:
    """The built-in plugins load by their entry points, and say what the catalogue shows."""
    overrides = {"huawei": PluginOverrides(poll_interval=0.5, signature_validity=1, visibility_delay=2)}
    trusted = ("tencent", "beianhub-huawei")
    loaded = load_plugins(PluginSettings(trusted=trusted, overrides=overrides))
    ready = {plugin.id: plugin.description for plugin in loaded.ready}
    assert sorted(ready) == ["huawei", "tencent"]
    tencent, huawei = ready["tencent"], ready["huawei"]
    assert (tencent.title, tencent.distribution, tencent.kind) == ("腾讯云", "beianhub-tencent", Plugin.KIND_PROVIDER)
    assert tencent.state == Plugin.STATE_READY
    assert "subject.profile.principal.mobile" in tencent.personal_data
    assert tencent.order_type_names["ORDER_TYPE_FIRST_FILING"]
    assert any(
        (c.operation, c.order_type, c.channel) == (OPERATION_SUBMIT, ORDER_TYPE_FIRST_FILING, CHANNEL_API)
        for c in tencent.capabilities
    )
    assert tencent.guarantee.kind == SubmissionGuarantee.KIND_CLIENT_TOKEN
    assert tencent.poll_interval_seconds == 600
    assert (huawei.poll_interval_seconds, huawei.guarantee.visibility_delay.seconds) == (0.5, 2)
    assert huawei.guarantee.signature_validity.seconds == 1


def test_verifiers_of_one_distribution() -> None:
    """One entry point may register several plugins; each is in the catalogue by its own id."""
    loaded = load_plugins(PluginSettings(trusted=("beianhub-verification",)))
    kinds = {plugin.description.kind for plugin in loaded.ready}
    assert kinds == {Plugin.KIND_VERIFIER}
    assert len({plugin.description.verification for plugin in loaded.ready}) == len(loaded.ready) >= 4


def test_untrusted_code_is_not_even_imported(plugins: Any) -> None:
    """What nobody named is shown with the reason and the way round it, and not a line of it runs."""
    plugins.add("stranger")
    ready, reasons = load(plugins)
    assert not ready
    assert "not named as trusted" in reasons["stranger"]
    assert "TaskService" in reasons["stranger"]
    assert "dist_stranger_module" not in sys.modules


def test_denied_wins_over_trusted(plugins: Any) -> None:
    """A name on both lists is denied; distributions count like plugins."""
    plugins.add("one")
    plugins.add("two")
    ready, reasons = load(plugins, "one", "two", denied=("dist-one",))
    assert list(ready) == ["two"]
    assert reasons == {"one": "denied by the configuration"}


@pytest.mark.parametrize(
    ("source", "values", "reason"),
    [
        ("import nothing_of_that_name", {}, "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("import sys; sys.exit(3)", {}, "SystemExit: 3"),
        ("raise GeneratorExit", {}, "GeneratorExit"),
        ("def (", {}, "SyntaxError"),
        ("x = 1", {}, "registers neither a provider nor a verifier nor rules"),
        ("", {"hook": "beianhub_register_provider"}, "unknown hook 'beianhub_register_provider'"),
        ("", {"hook": "beianhub_register_verifiers"}, "takes classes of Verifier"),
        ("", {"guarantee": "None"}, "declares no guarantee"),
        ("", {"guarantee": "Guarantee(0)"}, "declares no guarantee"),
        ("", {"guarantee": "Guarantee.client_token(timedelta())"}, "token's validity"),
        ("", {"guarantee": "Guarantee.search(timedelta(), timedelta())"}, "signature's validity"),
        ("", {"api": "PLUGIN_API + 1"}, "upgrade beianhub"),
        ("", {"api": "PLUGIN_API - 2"}, "upgrade the plugin"),
        ("", {"id": "Bad Id"}, "the id 'Bad Id'"),
        ("from beianhub_sdk import hookimpl\n@hookimpl\ndef beianhub_register_providers(): return 5", {}, "TypeError"),
        ("from beianhub_sdk import hookimpl\n@hookimpl\ndef beianhub_register_providers(): return [5]", {}, "manifest"),
        ("from beianhub_sdk import hookimpl\n@hookimpl\ndef beianhub_register_providers(): 1/0", {}, "ZeroDivision"),
    ],
)
def test_broken_ones_are_quarantined(plugins: Any, source: str, values: dict[str, str], reason: str) -> None:
    """A plugin that cannot be loaded is quarantined with the reason, and the others load."""
    plugins.add("broken", source, **values)
    plugins.add("good")
    ready, reasons = load(plugins, "broken", "good")
    assert list(ready) == ["good"]
    ((_, found),) = reasons.items()
    assert reason in found


def test_ctrl_c_goes_through(plugins: Any) -> None:
    """Only Ctrl-C ends the loading."""
    plugins.add("broken", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(plugins, "broken")


def test_the_api_before_is_taken(plugins: Any) -> None:
    """A host takes plugins of its own contract number and of the one before."""
    plugins.add("older", api="PLUGIN_API - 1")
    assert list(load(plugins, "older")[0]) == ["older"]


@pytest.mark.parametrize("second", ["twin", "other"])
def test_duplicates_name_both_distributions(plugins: Any, second: str) -> None:
    """Which of two plugins of one name is meant only the configuration can say: neither runs, and both are named."""
    plugins.add("twin", distribution="dist-a")
    plugins.add(second, distribution="dist-b", id="twin")
    ready, reasons = load(plugins, "twin", "other")
    assert not ready
    assert "dist-a and dist-b" in reasons["twin"]
    ready, _ = load(plugins, "dist-a")
    assert list(ready) == ["twin"]


def test_strict_mode_raises(plugins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a broken plugin is an error, and an untrusted one is not."""
    plugins.add("stranger")
    load(plugins, strict=True)
    plugins.add("broken", "raise ValueError")
    with pytest.raises(PluginLoadError, match="broken of dist-broken: ValueError"):
        load(plugins, "broken", strict=True)
    monkeypatch.setenv("BEIANHUB_STRICT_PLUGINS", "1")
    with pytest.raises(PluginLoadError):
        load(plugins, "broken")


RULES = """
from beianhub_sdk import hookimpl

@hookimpl
def beianhub_register_rules(): return {text!r}
"""
GUIDE = Path(__file__).parents[3] / "docs" / "writing-a-plugin.md"
PACK = 'pack: {id: house, version: "1.2", as_of: "2027", title: 自有规则}\n'
BLOCK = 'rules:\n- {scope: {province: 北京}, source: [house], as_of: "2027", values: {suffix.allowed: [cn]}}\n'


def rules(text: object = PACK + BLOCK) -> str:
    """A module that brings these rules."""
    return RULES.format(text=text)


def test_a_plugin_may_bring_rules_alone(plugins: Any) -> None:
    """It is in the catalogue with the title and version that its pack has, and the pack's text."""
    plugins.add("house", rules())
    loaded = load_plugins(PluginSettings(trusted=("house",)), plugins.found())
    assert not loaded.ready
    (described,) = loaded.descriptions
    assert described == Plugin(
        name="plugins/house",
        title="自有规则",
        version="1.2",
        distribution="dist-house",
        kind=Plugin.KIND_RULES,
        state=Plugin.STATE_READY,
        rule_pack=PACK + BLOCK,
    )


def test_the_guide_s_rules_load(plugins: Any) -> None:
    """What the guide prints of a rule pack is a whole plugin, and the rulebook takes it."""
    chapter = GUIDE.read_text(encoding="utf-8").partition("\n## Rules\n")[2]
    plugins.add("house", chapter.partition("```python\n")[2].partition("```")[0])
    ready = load_plugins(PluginSettings(trusted=("house",)), plugins.found()).rules
    assert [(plugin.name, plugin.version, plugin.state) for plugin in ready] == [
        ("plugins/house", "1.0.0", Plugin.STATE_READY)
    ]


def test_a_provider_s_rules_are_its_own(plugins: Any) -> None:
    """The pack goes with the adapter of the plugin's name, so that disabling that takes both away."""
    plugins.add("house", more=rules())
    loaded = load_plugins(PluginSettings(trusted=("house",)), plugins.found())
    (described,) = loaded.descriptions
    assert (described.kind, described.rule_pack) == (Plugin.KIND_PROVIDER, PACK + BLOCK)
    assert [plugin.id for plugin in loaded.ready] == ["house"]


def test_rules_do_not_outlive_a_broken_adapter(plugins: Any) -> None:
    """A plugin whose adapter is quarantined is shown as that, and brings nothing."""
    plugins.add("house", more=rules(), guarantee="None")
    loaded = load_plugins(PluginSettings(trusted=("house",)), plugins.found())
    (described,) = loaded.descriptions
    assert (described.state, described.rule_pack) == (Plugin.STATE_QUARANTINED, "")
    assert "declares no guarantee" in described.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PACK + BLOCK.replace("北京", "火星"), "rules[0].scope.province: '火星' 无法识别"),
        (PACK + BLOCK.replace("source: [house], ", ""), "rules[0].source"),
        (PACK + BLOCK.replace('as_of: "2027", ', ""), "rules[0].as_of"),
        (PACK + BLOCK.replace("suffix.allowed", "suffix.of_mine"), "rules[0].values.suffix.of_mine"),
        (PACK + "rules: [" + "{}, " * 9 + "]", "; and "),
        (PACK + "rules: [", "neither YAML nor JSON"),
        (PACK.replace("house", "other") + BLOCK, "give it the plugin's name, 'house'"),
        (PACK + "#" * 300_000, "larger than 262144 bytes"),
        (5, "returned a int; return the pack's YAML as text"),
        ("\ud800", "UnicodeEncodeError"),
    ],
)
def test_wrong_rules_quarantine_their_plugin(plugins: Any, text: object, reason: str) -> None:
    """A pack that the rulebook's reader refuses quarantines the whole plugin with field and remedy; the others load."""
    plugins.add("house", more=rules(text))
    plugins.add("good")
    ready, reasons = load(plugins, "house", "good")
    assert list(ready) == ["good"]
    assert reason in reasons["house"]


def test_rules_take_no_built_in_pack_s_place(plugins: Any) -> None:
    """Only the configuration may replace what we ship."""
    plugins.add("national", rules(PACK.replace("house", "national") + BLOCK))
    _, reasons = load(plugins, "national")
    assert "only the configuration may replace one" in reasons["national"]


def test_an_adapter_and_rules_of_two_plugins_cannot_share_a_name(plugins: Any) -> None:
    """Which of the two is meant only the configuration can say."""
    plugins.add("house", rules())
    plugins.add("stranger", id="house")
    ready, reasons = load(plugins, "house", "stranger")
    assert not ready
    assert "dist-house and dist-stranger both offer the plugin house" in reasons["house"]
