"""Loading plugins: named ones only, each on its own, the broken ones quarantined with their reasons."""

from __future__ import annotations

import sys
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
        ("x = 1", {}, "registers neither a provider nor a verifier"),
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
