"""The demonstration as a process, and what it leaves behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from rehearsal.api import Api
from rehearsal.processes import Running, beianhub, read_json, running, serving, until

STORY = {"shili-first", "shili-aliyun", "shili-huawei", "fanli-first", "shili-cancel"}


class Sandbox:
    """The sandbox's desk."""

    def __init__(self, address: str) -> None:
        self.url = f"http://{address}"
        self._http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def submissions(self) -> list[dict[str, Any]]:
        """Every submission that a vendor accepted."""
        return list(self._http.get("/sandbox/submissions").raise_for_status().json()["submissions"])

    def times_submitted(self) -> Counter[tuple[str, str, str]]:
        """How often each vendor has each of our orders: (vendor, order's id, its type)."""
        return Counter(
            (one["vendor"], one["reference"].rpartition(".")[2], one["order_type"]) for one in self.submissions()
        )

    def script(self, **scenario: object) -> None:
        """Scripts what happens to a domain."""
        self._http.post("/sandbox/scenarios", json=scenario).raise_for_status()


@dataclass(frozen=True)
class Demo:
    """A demonstration that runs, or has run, in a directory."""

    directory: Path
    running: Running

    @property
    def config(self) -> tuple[str, str]:
        """The option that names its configuration."""
        return "--config", str(self.directory / "beianhub.toml")

    def pid(self, name: str) -> int:
        """The process id of one of its servers."""
        return int(self._ready(name)["pid"])

    def api(self, name: str = "up") -> Api:
        """Its API, as the owner sees it."""
        return Api.of(self.directory, self._ready(name)["grpc"])

    def records(self, seconds: float = 120) -> dict[str, Any]:
        """What it prints in the end, after it ended well."""
        code = self.running.wait(seconds)
        assert code == 0, self.running.err.read_text(encoding="utf-8")
        printed = self.running.out.read_text(encoding="utf-8")
        return dict(json.loads(printed))

    def _ready(self, name: str) -> dict[str, Any]:
        def ready() -> dict[str, Any] | None:
            assert self.running.process.poll() is None, self.running.err.read_text(encoding="utf-8")
            return read_json(self.directory / f"{name}.json")

        return until(ready, 60, f"{name} is ready")


@contextmanager
def demo(directory: Path, *options: str) -> Iterator[Demo]:
    """A demonstration that has begun, in a folder of its own below the directory; it ends its servers itself."""
    place = directory / "demo"
    arguments = ("demo", "-o", "json", "--directory", str(place), *options)
    with running(directory, "story", *arguments) as started:
        try:
            yield Demo(place, started)
        finally:
            started.interrupt()


@contextmanager
def up_again(played: Demo) -> Iterator[tuple[Running, Api, Sandbox]]:
    """``beianhub up --sandbox`` over what the demonstration left."""
    with (
        serving(played.directory, "up", "--sandbox", *played.config) as (process, said),
        Api.of(played.directory, said["grpc"]) as api,
        closing(Sandbox(said["sandbox"])) as sandbox,
    ):
        yield process, api, sandbox


def audited(config: tuple[str, str]) -> dict[str, Any]:
    """What ``beianhub audit`` says, which has to end well."""
    done = beianhub("audit", *config, "-o", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))
