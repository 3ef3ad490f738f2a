"""Everything that can be set, with its default, its unit and where it comes from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from beianhub_sandbox.clock import SandboxClock

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400.0
VENDORS = ("tencent", "aliyun", "huawei")
ENVIRONMENT_PREFIX = "BEIANHUB_SANDBOX_"

STANDARD_DURATIONS: Mapping[str, float] = {
    "provider_review": DAY,  # first review within one working day (S2, ALI-2019)
    "submit_delay": DAY,  # from the provider to the regulator, about a day (ALI-2019)
    "sms_window": DAY,  # 24 hours (HW-KB doc_0013)
    "sms_auto_delay": 300.0,  # a message takes about five minutes to arrive (HW-KB doc_0013)
    "regulator_review": 7 * DAY,  # 3 to 20 working days, about a week on average (S0, S2, S4)
    "cancel_review": 3 * DAY,  # cancellation: 1 to 5 days typically (TC-DOC)
    "face_window": 7_200.0,  # a face-check link lives two hours (DY)
}
"""Durations of the domain in seconds, used when a time scale is given."""


def _default_credentials() -> dict[str, dict[str, str]]:
    """Invented keys, documented in the README; they open nothing but this sandbox."""
    return {
        "tencent": {"AKIDSANDBOXTENCENT000001": "sandbox-tencent-secret-1"},
        "aliyun": {"AKIDSANDBOXALIYUN0000001": "sandbox-aliyun-secret-1"},
        "huawei": {"AKIDSANDBOXHUAWEI0000001": "sandbox-huawei-secret-1"},
    }


@dataclass(frozen=True)
class Settings:
    """How this sandbox behaves. Durations are real seconds."""

    provider_review: float = 0.5
    submit_delay: float = 0.1
    sms_window: float = 20.0
    sms_auto_delay: float = 0.1
    regulator_review: float = 1.0
    cancel_review: float = 0.5
    face_window: float = 600.0
    sms_mode: Literal["auto", "manual"] = "auto"
    """Whether the sandbox's people answer their text messages by themselves."""
    huawei_visibility_delay: float = 0.3
    """How long after acceptance an order can be found by `external_reference`."""
    tencent_token_validity: float = DAY
    aliyun_token_validity: float = DAY
    tencent_signature_validity: float = 300.0
    aliyun_signature_validity: float = 900.0
    huawei_signature_validity: float = 900.0
    refuse_sole_access_cancel: bool = False
    """True: MIIT-V3 code 1025; False: the vendors' practice, the site becomes an empty shell (空壳网站)."""
    callback_retry_delays: tuple[float, ...] = (0.2, 1.0, 3.0)
    callback_timeout: float = 3.0
    tick: float = 0.05
    """Longest pause of the background ticker."""
    hang_seconds: float = 30.0
    """How long `timeout_after_accept` keeps a connection open without an answer."""
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=_default_credentials)
    """vendor -> access key id -> secret; each key is an account of its own."""
    state: str | None = None
    """A SQLite file that keeps the ledger; None: in memory only."""

    def with_time_scale(self, time_scale: float) -> Settings:
        """The same settings with every standard duration of the domain divided by `time_scale`."""
        clock = SandboxClock(time_scale)
        scaled: dict[str, Any] = {name: clock.real_seconds(seconds) for name, seconds in STANDARD_DURATIONS.items()}
        return replace(self, **scaled)

    def token_validity(self, vendor: str) -> float:
        """How long the vendor remembers a client token, in seconds; 0 for Huawei, which takes none."""
        return {"tencent": self.tencent_token_validity, "aliyun": self.aliyun_token_validity}.get(vendor, 0.0)


def with_environment(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """Apply `BEIANHUB_SANDBOX_<SETTING>`; tuples, credentials and booleans are JSON.

    `BEIANHUB_SANDBOX_CREDENTIALS_FILE` names a JSON file {vendor: {access key id: secret}} instead.
    """
    changes: dict[str, Any] = {}
    for item in fields(Settings):
        text = environment.get(ENVIRONMENT_PREFIX + item.name.upper())
        if text is not None:
            changes[item.name] = _parse(text, getattr(settings, item.name))
    path = environment.get(ENVIRONMENT_PREFIX + "CREDENTIALS_FILE")
    if path:
        changes["credentials"] = json.loads(Path(path).read_text(encoding="utf-8"))
    return replace(settings, **changes)


def _parse(text: str, current: object) -> object:
    if isinstance(current, str) or current is None:
        return text
    value = json.loads(text)
    return tuple(value) if isinstance(current, tuple) else value
