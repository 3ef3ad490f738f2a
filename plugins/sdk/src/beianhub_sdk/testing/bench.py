"""The other side of a provider under test: the vendor, and what a test may make it do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from beianhub.resources.v1.resources_pb2 import CHANNEL_API, Account
from beianhub_sdk.call import Call, Credential
from beianhub_sdk.errors import NotSentError, UnknownOutcomeError
from beianhub_sdk.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment

_client = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
"""One for all cases, as making one costs more than a request; without connections that a vendor may have closed."""


class Bench(Protocol):
    """What the contract's cases need of a vendor."""

    def call(self, assignment: TaskAssignment, **changes: Any) -> Call:
        """A call of the vendor's account, now; ``changes`` replace fields of the Call."""
        ...

    def script(self, domain: str, behaviour: str, **options: Any) -> None:
        """Makes the vendor behave so for a domain; the behaviours are those of beianhub-sandbox."""
        ...

    def submissions(self, domain: str) -> int:
        """How many orders the vendor accepted for a domain."""
        ...

    def file(self, assignment: TaskAssignment, provider: str) -> None:
        """Puts the assignment's service into the regulator's record, with an access of ``provider``."""
        ...

    def show_face(self, link: str) -> None:
        """A person passes the face check behind a link."""
        ...


@dataclass(frozen=True)
class BlockingHttp:
    """:class:`~beianhub_sdk.http.Http` over httpx: one attempt, no redirects."""

    timeout: float = 5.0

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends it once."""
        try:
            answer = _client.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
                timeout=self.timeout,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSentError("CONNECT") from error
        except httpx.HTTPError as error:
            raise UnknownOutcomeError("NO_ANSWER") from error
        return HttpResponse(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@dataclass(frozen=True)
class SandboxBench:
    """One vendor of a running beianhub-sandbox at ``address``, such as ``http://127.0.0.1:8080``."""

    address: str
    vendor: str
    credential: Credential

    def call(self, assignment: TaskAssignment, **changes: Any) -> Call:
        """See :class:`Bench`."""
        account = Account(
            provider=self.vendor, endpoint=f"{self.address}/{self.vendor}/", submission_channel=CHANNEL_API
        )
        assignment.account.CopyFrom(account)
        return replace(Call(assignment, self.credential, BlockingHttp(), datetime.now(UTC)), **changes)

    def script(self, domain: str, behaviour: str, **options: Any) -> None:
        """See :class:`Bench`."""
        self._post("scenarios", {"domain": domain, "behaviour": behaviour, "vendor": self.vendor, **options})

    def submissions(self, domain: str) -> int:
        """See :class:`Bench`."""
        answer = _client.get(f"{self.address}/sandbox/submissions").raise_for_status().json()
        return sum(item["domain"] == domain and item["vendor"] == self.vendor for item in answer["submissions"])

    def file(self, assignment: TaskAssignment, provider: str) -> None:
        """See :class:`Bench`."""
        profile, service = assignment.subject.profile, assignment.service
        people = {"principal": profile.principal, "manager": service.principal}
        persons = {
            role: {"name": person.full_name, "mobile": person.mobile, "id_number": person.certificate.number}
            for role, person in people.items()
        }
        site = {"name": service.title, "domain": service.domains[0], "number": service.licence_number}
        self._post(
            "records",
            {
                "certificate_number": profile.certificate.number,
                "certificate_type": "BUSINESS_LICENCE",
                "name": profile.title,
                "nature": "ENTERPRISE",
                "province": "京",
                "number": service.licence_number.rpartition("-")[0],
                "principal": persons["principal"],
                "services": [{**site, "manager": persons["manager"], "provider": provider, "ips": ["198.51.100.1"]}],
            },
        )

    def show_face(self, link: str) -> None:
        """See :class:`Bench`."""
        _client.post(link, json={"passed": True}).raise_for_status()

    def _post(self, what: str, document: Mapping[str, Any]) -> None:
        _client.post(f"{self.address}/sandbox/{what}", json=document).raise_for_status()


FAST = {
    "provider_review": 0.05,
    "submit_delay": 0.02,
    "sms_auto_delay": 0.02,
    "regulator_review": 0.05,
    "cancel_review": 0.03,
    "huawei_visibility_delay": 0.2,
    "hang_seconds": 5.0,
    "callback_retry_delays": [0.05, 0.1, 0.1],
    "tick": 0.01,
}
"""The sandbox's settings for tests: durations in seconds."""


@contextlib.contextmanager
def start_sandbox(**settings: Any) -> Iterator[str]:
    """A sandbox in a process of its own, on a free port; gives its address, and ends it afterwards."""
    named = {f"BEIANHUB_SANDBOX_{name.upper()}": json.dumps(value) for name, value in (FAST | settings).items()}
    with subprocess.Popen(
        [sys.executable, "-m", "beianhub_sandbox"], stdout=subprocess.PIPE, text=True, env={**os.environ, **named}
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"listening on (\S+)", line)
            if found is None:
                raise RuntimeError("the sandbox did not start")
            yield f"http://{found[1]}"
        finally:
            process.terminate()


def eventually(wanted: Any, read: Any, seconds: float = 10.0) -> Any:
    """Reads until ``wanted(value)`` holds; gives the value.

    Raises:
        AssertionError: it did not hold in time.
    """
    end = time.monotonic() + seconds
    value = read()
    while not wanted(value):
        if time.monotonic() > end:
            raise AssertionError(f"still {value}")
        time.sleep(0.02)
        value = read()
    return value
