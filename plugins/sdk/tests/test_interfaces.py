"""Errors, hooks and interfaces: what an author meets first."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pluggy
import pytest
from mypy import api as mypy

import beianhub_sdk
from beianhub.resources.v1 import resources_pb2 as pb
from beianhub_sdk import (
    Call,
    Credential,
    Failed,
    NotSentError,
    Passed,
    PluginError,
    Provider,
    RefusedError,
    RejectedError,
    UnknownOutcomeError,
    Verifier,
    VerifierManifest,
    hookimpl,
    specs,
)
from beianhub_sdk.testing import OfflineHttp, VerifierContract, sample

GUIDE = Path(__file__).parents[3] / "docs" / "writing-a-plugin.md"


def example() -> str:
    """The whole plugin of the guide: its first block of Python."""
    return GUIDE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]


def example_plugin() -> ModuleType:
    module = ModuleType("beianhub_suffix")
    exec(compile(example(), GUIDE.name, "exec"), module.__dict__)  # noqa: S102  the guide's own code
    return module


@pytest.mark.parametrize("kind", [NotSentError, RefusedError, RejectedError, UnknownOutcomeError])
def test_every_error_is_a_plugin_s_and_carries_its_code(kind: type[PluginError]) -> None:
    """The host catches one class; the code is what is logged and kept."""
    error = kind("SOME_CODE")
    assert isinstance(error, PluginError)
    assert (error.code, str(error)) == ("SOME_CODE", "SOME_CODE")


def test_what_is_known_of_a_call_decides_the_class() -> None:
    """The four classes exclude each other: none may be caught as another."""
    kinds = [NotSentError, RefusedError, RejectedError, UnknownOutcomeError]
    assert all(not issubclass(one, other) for one in kinds for other in kinds if one is not other)


def test_errors_carry_what_the_host_acts_on() -> None:
    """A delay in seconds, which the host chooses by default; findings, kept as they were given."""
    assert (RefusedError("THROTTLED").retry_after, RefusedError("THROTTLED", 7).retry_after) == (0, 7)
    findings = [pb.Finding(code="X")]
    error = RejectedError("PROVIDER_REJECTED", findings, "已驳回")
    findings.clear()
    assert ([f.code for f in error.findings], error.provider_status) == (["X"], "已驳回")


def test_a_credential_shows_no_secret() -> None:
    """Neither a repr nor a log line of a call has it."""
    call = Call(sample(1), Credential("key", "very-secret"), OfflineHttp(), datetime.now(UTC))
    assert "very-secret" not in repr(call)


def test_everything_public_is_named_once_and_exists() -> None:
    """What an author imports stands in ``__all__``, sorted."""
    assert sorted(set(beianhub_sdk.__all__)) == sorted(beianhub_sdk.__all__)
    assert all(hasattr(beianhub_sdk, name) for name in beianhub_sdk.__all__)


@pytest.mark.parametrize("interface", [Provider, Verifier])
def test_an_interface_without_its_methods_cannot_be_made(interface: type) -> None:
    """A forgotten method shows when the host loads the plugin, not at the first order; each one is documented."""
    incomplete = type("Incomplete", (interface,), {})
    with pytest.raises(TypeError, match="abstract"):
        incomplete()
    assert all(inspect.getdoc(getattr(interface, name)) for name in interface.__abstractmethods__)


def test_hooks_register_classes() -> None:
    """The manager gathers what each plugin returns; a plugin may implement one hook and leave the other."""

    class Plugin:
        @hookimpl
        def beianhub_register_verifiers(self) -> list[type[Verifier]]:
            return [Verifier]

    manager = pluggy.PluginManager(specs.PROJECT)
    manager.add_hookspecs(specs)
    manager.register(Plugin())
    manager.check_pending()
    assert manager.hook.beianhub_register_verifiers() == [[Verifier]]
    assert manager.hook.beianhub_register_providers() == []


def test_a_hook_registers_rules_as_text() -> None:
    """A rule pack is data: its hook returns the text, and no class."""

    class Plugin:
        @hookimpl
        def beianhub_register_rules(self) -> str:
            return "pack: {}"

    manager = pluggy.PluginManager(specs.PROJECT)
    manager.add_hookspecs(specs)
    manager.register(Plugin())
    manager.check_pending()
    assert manager.hook.beianhub_register_rules() == ["pack: {}"]


def test_a_hook_of_an_unknown_name_is_found_out() -> None:
    """A misspelt hook would register nothing and say nothing."""

    class Plugin:
        @hookimpl
        def beianhub_register_verifier(self) -> list[type[Verifier]]:
            return []

    manager = pluggy.PluginManager(specs.PROJECT)
    manager.add_hookspecs(specs)
    manager.register(Plugin())
    with pytest.raises(pluggy.PluginValidationError, match="beianhub_register_verifier"):
        manager.check_pending()


@pytest.mark.parametrize(("domain", "answer"), [("example.cn", Passed), ("example.org", Failed)])
def test_the_guide_s_plugin_works(domain: str, answer: type) -> None:
    """What the guide prints is a whole plugin."""
    manager = pluggy.PluginManager(specs.PROJECT)
    manager.add_hookspecs(specs)
    manager.register(example_plugin())
    manager.check_pending()
    ((verifier,),) = manager.hook.beianhub_register_verifiers()
    assignment = sample(1)
    assignment.service.domains[:] = [domain]
    call = Call(assignment, Credential("key", "secret"), OfflineHttp(), datetime.now(UTC))
    assert isinstance(verifier().verify(call), answer)


def test_the_guide_s_plugin_is_typed(tmp_path: Path) -> None:
    """The SDK ships its types: a plugin is checked strictly, and a wrong answer is found before it runs."""
    assert files("beianhub_sdk").joinpath("py.typed").is_file()
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(example(), encoding="utf-8")
    wrong.write_text(example().replace("return Failed(found) if found else Passed()", "return found"), encoding="utf-8")
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path}", "--follow-imports=silent"]
    report, _, status = mypy.run([*options, str(right)])
    assert status == 0, report
    report, _, status = mypy.run([*options, str(wrong)])
    assert status == 1
    assert "Incompatible return value type" in report


class TestGuide(VerifierContract):
    """The guide's plugin keeps the contract of a verifier."""

    verifier_class = example_plugin().__dict__["SuffixVerifier"]


class TestStubborn:
    """The contract notices what breaks it."""

    @pytest.mark.parametrize(
        ("answer", "case"),
        [
            (Failed([pb.Finding(code="X", severity=pb.SEVERITY_WARNING)]), "test_it_answers"),
            (Passed([pb.Finding(code="X", severity=pb.SEVERITY_BLOCKER)]), "test_it_answers"),
            (Passed([pb.Finding(code="X", message_en="Call 13800000001.")]), "test_no_answer_holds_personal_data"),
        ],
    )
    def test_a_broken_answer_is_found(self, answer: Passed | Failed, case: str) -> None:
        """A failure without a blocker, a pass with one, a mobile number in a text."""

        class Broken(Verifier):
            manifest = VerifierManifest(
                id="x", title="核验", version="1", kind=pb.VERIFICATION_KIND_DOMAIN, precheck=True, source=("S2",)
            )

            def verify(self, call: Call) -> Passed | Failed:
                assert call
                return answer

        class Contract(VerifierContract):
            verifier_class = Broken

        call = Call(sample(1), Credential("key", "secret"), OfflineHttp(), datetime.now(UTC))
        with pytest.raises(AssertionError):
            getattr(Contract(), case)(call)
