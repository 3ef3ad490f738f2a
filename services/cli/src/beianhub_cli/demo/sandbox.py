"""What a person does in the sandbox's world: phones, MIIT's page, the vendors' consoles, the trainer's desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from beianhub.resources.v1 import resources_pb2 as res
from beianhub.resources.v1.resources_pb2 import OrderType, Person, Subject
from beianhub.resources.v1.task_pb2 import FormField
from beianhub_core.rules.provinces import BY_NAME

_OPERATOR: Final = {"X-Console-Operator": "demo-operator"}
_HUAWEI_TYPES: Final = {
    res.ORDER_TYPE_FIRST_FILING: "first",
    res.ORDER_TYPE_ADD_ACCESS: "new_access",
    res.ORDER_TYPE_CANCEL_ACCESS: "cancel_access",
}
_CHOOSE: Final[dict[str, Callable[[str], Any]]] = {
    "sponsor.province": lambda name: BY_NAME[name].abbreviation,
    "service.ips": lambda text: text.split(","),
}


class Sandbox:
    """The sandbox at ``http://host:port``, as people see it; an asynchronous context manager's client inside."""

    def __init__(self, address: str) -> None:
        self.url = f"http://{address}"
        self._http = httpx.AsyncClient(base_url=self.url, timeout=60, trust_env=False)

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    async def script(self, **scenario: object) -> None:
        """Scripts what happens to a domain."""
        (await self._http.post("/sandbox/scenarios", json=scenario)).raise_for_status()

    async def seed(self, record: Mapping[str, Any]) -> None:
        """Puts a filing into the national record, as if made long ago."""
        (await self._http.post("/sandbox/records", json=record)).raise_for_status()

    async def submissions(self) -> list[dict[str, Any]]:
        """Every submission that a vendor accepted."""
        answer = await self._http.get("/sandbox/submissions")
        return list(answer.raise_for_status().json()["submissions"])

    async def codes(self, mobile: str) -> list[str]:
        """The MIIT codes on a phone."""
        answer = await self._http.get(f"/sandbox/phones/{mobile}/messages")
        return [message["code"] for message in answer.raise_for_status().json()["messages"]]

    async def answer_sms(self, mobile: str, code: str, id_last6: str) -> bool:
        """Types the code into MIIT's page; ``False`` when it was answered or has lapsed."""
        answer = await self._http.post("/miit/sms", json={"mobile": mobile, "code": code, "id_last6": id_last6})
        return answer.is_success

    async def file_at_huawei(self, order_type: OrderType.ValueType, fields: list[FormField], reference: str) -> str:
        """Copies a hand-off's form into Huawei's console, unless the order is there already; its number.

        What the console has as a drop-down is chosen from it, as an operator would.
        """
        for order in await self.submissions():
            if order["vendor"] == "huawei" and order["reference"] == reference:
                return str(order["order_id"])
        values = {field.key: _CHOOSE.get(field.key, str)(field.value) for field in fields}
        form = {"order_type": _HUAWEI_TYPES[order_type], "external_reference": reference, **_nested(values)}
        answer = await self._http.post("/huawei/console/orders", json=form, headers=_OPERATOR)
        return str(answer.raise_for_status().json()["order_id"])

    async def order_at_huawei(self, number: str) -> dict[str, Any]:
        """What Huawei's console shows of an order."""
        answer = await self._http.get(f"/huawei/console/orders/{number}", headers=_OPERATOR)
        return dict(answer.raise_for_status().json()["order"])


def national_record(subject: Subject) -> dict[str, Any]:
    """A filed subject as the national record has it, with the services that are filed."""
    profile, principal = subject.profile, subject.profile.principal
    of_a_unit = profile.certificate.type == res.CERTIFICATE_TYPE_USCC
    return {
        "certificate_number": profile.certificate.number,
        "certificate_type": "BUSINESS_LICENCE" if of_a_unit else "RESIDENT_ID",
        "name": profile.title,
        "nature": res.Nature.Name(profile.nature).removeprefix("NATURE_"),
        "province": BY_NAME[profile.province].abbreviation,
        "number": subject.licence_number,
        "principal": _person(principal),
        "services": [
            {
                "name": service.title,
                "domain": service.domains[0],
                "number": service.licence_number,
                "kind": res.ServiceKind.Name(service.kind).removeprefix("SERVICE_KIND_"),
                "accesses": [{"provider": access.provider, "ips": list(access.ips)} for access in service.accesses],
                "manager": _person(service.principal),
            }
            for service in subject.services
            if service.licence_number
        ],
    }


def _person(person: Person) -> dict[str, str]:
    return {"name": person.full_name, "mobile": person.mobile, "id_number": person.certificate.number}


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """``{"sponsor.name": …}`` as ``{"sponsor": {"name": …}}``."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *branches, leaf = path.split(".")
        branch = tree
        for name in branches:
            branch = branch.setdefault(name, {})
        branch[leaf] = value
    return tree
