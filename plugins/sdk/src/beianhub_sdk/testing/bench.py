"""The other side of a provider under test: the vendor, and what a test may make it do."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from beianhub.resources.v1.resources_pb2 import CHANNEL_API, Account
from beianhub_sdk.call import Call, Credential
from beianhub_sdk.errors import NotSentError, UnknownOutcomeError
from beianhub_sdk.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beianhub.resources.v1.task_pb2 import TaskAssignment


_FAILURES = 400


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
    """:class:`~beianhub_sdk.http.Http` over the standard library: one attempt, no redirects, no connection kept."""

    timeout: float = 5.0

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends it once; ``http`` only, as a bench is on this machine."""
        url = urlsplit(request.url)
        connection = http.client.HTTPConnection(str(url.hostname), url.port or 80, timeout=self.timeout)
        try:
            connection.connect()
        except OSError as error:
            raise NotSentError("CONNECT") from error
        target = url.path + (f"?{url.query}" if url.query else "")
        try:
            connection.request(request.method, target, request.body, dict(request.headers))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return HttpResponse(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnknownOutcomeError("NO_ANSWER") from error
        finally:
            connection.close()


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
        listed = json.loads(_act("GET", f"{self.address}/sandbox/submissions"))["submissions"]
        return sum(item["domain"] == domain and item["vendor"] == self.vendor for item in listed)

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
        _act("POST", link, {"passed": True})

    def _post(self, what: str, document: Mapping[str, Any]) -> None:
        _act("POST", f"{self.address}/sandbox/{what}", document)


def _act(method: str, url: str, document: Mapping[str, Any] | None = None) -> bytes:
    body = b"" if document is None else json.dumps(document).encode()
    answer = BlockingHttp().send(HttpRequest(method, url, {"Content-Type": "application/json"}, body))
    if answer.status >= _FAILURES:
        raise RuntimeError(f"{method} {url}: {answer.status} {answer.body!r}")
    return answer.body


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
