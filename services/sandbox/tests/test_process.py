"""The sandbox as a process: its one line, its clean end, and its ledger after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from beianhub_sandbox.__main__ import _parser, settings_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Company, Until

OPERATOR = {"X-Console-Operator": "operator-7"}
QUICK = ["--provider-review", "0.05", "--submit-delay", "0.05", "--regulator-review", "0.3"]


class Process:
    """`python -m beianhub_sandbox` on a free port."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "beianhub_sandbox", "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own module
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        self.http = httpx.Client(base_url=f"http://{self.line.rpartition(' ')[2]}", timeout=30)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.http.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for item in started:
        if item.process.poll() is None:
            item.end(signal.SIGKILL)


def test_one_line_and_a_clean_end(processes: list[Process]) -> None:
    """It prints where it listens, and SIGTERM ends it with success even while a client holds a connection."""
    running = Process("--time-scale", "3600")
    processes.append(running)
    assert running.line.startswith("sandbox listening on 127.0.0.1:")
    assert running.http.get("/sandbox/health").json() == {"status": "ok", "orders": 0}
    started = time.monotonic()
    assert running.end(signal.SIGTERM) == 0
    assert time.monotonic() - started < 30


def test_the_ledger_survives_a_kill(processes: list[Process], tmp_path: Path, company: Company, until: Until) -> None:
    """What was accepted before kill -9 is there after it, goes on by itself, and tokens still hold."""
    state = str(tmp_path / "ledger.db")
    first = Process("--state", state, *QUICK)
    processes.append(first)
    first.http.post("/sandbox/scenarios", json={"domain": "later.cn", "behaviour": "reject"})
    form = company.tencent(ClientToken="t")
    made = first.http.post("/tencent/console/orders", json=form, headers=OPERATOR).json()["order_id"]
    first.end(signal.SIGKILL)
    second = Process("--state", state, *QUICK)
    processes.append(second)
    path = f"/tencent/console/orders/{made}"
    until(lambda: second.http.get(path, headers=OPERATOR).json()["order"]["StatusName"] == "已备案")
    again = second.http.post("/tencent/console/orders", json=form, headers=OPERATOR).json()["order_id"]
    assert again == made
    assert len(second.http.get("/sandbox/submissions").json()["submissions"]) == 1
    assert len(second.http.get("/sandbox/scenarios").json()["scenarios"]) == 1
    assert second.http.post("/sandbox/reset").status_code == 204
    assert second.http.get("/sandbox/health").json()["orders"] == 0


def test_settings_from_scale_environment_and_options(tmp_path: Path) -> None:
    """Options win over the environment, that over the time scale, that over the defaults."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"tencent": {"A": "b"}, "aliyun": {}, "huawei": {}}))
    arguments = _parser().parse_args(["--time-scale", "86400", "--sms-window", "30"])
    environment = {
        "BEIANHUB_SANDBOX_SMS_MODE": "manual",
        "BEIANHUB_SANDBOX_CANCEL_REVIEW": "9",
        "BEIANHUB_SANDBOX_CREDENTIALS_FILE": str(keys),
        "BEIANHUB_SANDBOX_CALLBACK_RETRY_DELAYS": "[1, 2]",
        "BEIANHUB_SANDBOX_REFUSE_SOLE_ACCESS_CANCEL": "true",
    }
    settings = settings_from(arguments, environment)
    assert (settings.provider_review, settings.sms_window, settings.cancel_review) == (1.0, 30.0, 9)
    assert (settings.sms_mode, settings.callback_retry_delays) == ("manual", (1, 2))
    assert settings.refuse_sole_access_cancel
    assert settings.credentials["tencent"] == {"A": "b"}
