"""A planner's situation made real: an invented company as the situation says, for us and for the regulator."""

from __future__ import annotations

from typing import Any, Final

from beianhub.resources.v1 import resources_pb2 as res
from beianhub_cli.demo.sandbox import national_record
from beianhub_core.planner.situation import Document, Situation
from beianhub_core.rules.provinces import BY_NAME
from beianhub_sdk.testing.samples import resident_id, sample, uscc

OLD_IP: Final = "203.0.113.99"
_SUFFIXES: Final = {"WEBSITE": "", "APP": "A"}


class Company:
    """The company number ``number``, with ids and domains of its own, in the situation of a scenario."""

    def __init__(self, parent: str, stem: str, number: int, document: Document) -> None:
        self.name = f"{parent}/subjects/{stem}"
        self.main = f"{self.name}/services/main"
        self.number = number
        self.situation: Situation = document.situation
        self._parent = parent
        self.subject = self._subject()

    def domain(self, name: str) -> str:
        """A domain of the scenario, as this company has it: each company has its own."""
        return name.replace("example", f"scene{self.number}")

    @property
    def licence(self) -> str:
        """The subject's licence number in the past; "" where it has none."""
        return self.subject.licence_number

    def past(self) -> list[dict[str, Any]]:
        """What the national record holds of it, and of others who have its domain."""
        found = [national_record(self.subject)] if self.licence else []
        domain, service = self.situation.domain, self.situation.service
        if domain.filed and not service.filed and service.status is None and not self.licence:
            found.append(self._other())
        return found

    def _subject(self) -> res.Subject:
        said = self.situation.subject
        made = sample(self.number).subject
        province = said.province or "山东"
        made.profile.province, made.profile.city = province, province
        if said.nature == "INDIVIDUAL":
            made.profile.nature = res.NATURE_INDIVIDUAL
            made.profile.title = made.profile.principal.full_name
            made.profile.certificate.CopyFrom(made.profile.principal.certificate)
        if said.filed:
            made.licence_number = f"{BY_NAME[province].abbreviation}ICP备2025{self.number:06d}号"
        self._put_main(made)
        others = (said.services or 0) - bool(self.situation.service.filed)
        for number in range(1, others + 1):
            self._put_other(made, number)
        return made

    def _put_main(self, made: res.Subject) -> None:
        said, domain = self.situation.service, self.situation.domain
        main = made.services[0]
        main.name = self.main
        kind = str(said.kind or "WEBSITE")
        main.kind = res.ServiceKind.Value(f"SERVICE_KIND_{kind}")
        count = self.situation.domains_on_service or 1
        main.domains[:] = [
            *(self.domain(f"kept{n}-example.com") for n in range(1, count)),
            self.domain(domain.name or ""),
        ]
        if said.filed:
            main.licence_number = f"{made.licence_number}-1{_SUFFIXES[kind]}"
            known = self.situation.subject.filed_at or []
            for provider in said.filed_at or []:
                access = main.accesses.add(provider=provider, ips=[OLD_IP])
                access.account = f"{self._parent}/accounts/{provider}" if provider in known else ""

    def _put_other(self, made: res.Subject, number: int) -> None:
        other = made.services.add(kind=res.SERVICE_KIND_WEBSITE, title=f"示例网站{number}号")
        other.name = f"{self.name}/services/other-{number}"
        other.domains.append(f"other{number}-scene{self.number}.com")
        other.principal.CopyFrom(made.services[0].principal)
        other.licence_number = f"{made.licence_number}-{number + 1}"
        for provider in self.situation.subject.filed_at or []:
            other.accesses.add(provider=provider, ips=[OLD_IP], account=f"{self._parent}/accounts/{provider}")

    def _other(self) -> dict[str, Any]:
        """Another company, under which the domain is filed."""
        stranger = sample(self.number + 500).subject
        stranger.licence_number = f"京ICP备2024{self.number:06d}号"
        stranger.services[0].licence_number = f"{stranger.licence_number}-1"
        stranger.services[0].domains[:] = [self.domain(self.situation.domain.name or "")]
        stranger.services[0].accesses.add(provider="tencent", ips=[OLD_IP])
        return national_record(stranger)

    def change(self, fields: list[str], order_type: str) -> res.OrderChange:
        """What a change order changes, for the fields that its step names."""
        change = res.OrderChange()
        for field in fields:
            _CHANGES[field](self, change, order_type)
        return change

    def _new_name(self, change: res.OrderChange, _type: str) -> None:
        change.profile.title = f"山东新示例{self.number}科技有限公司"
        change.paths.append("profile.title")

    def _new_address(self, change: res.OrderChange, _type: str) -> None:
        change.profile.address = f"新示例路{self.number}号"
        change.paths.append("profile.address")

    def _new_principal(self, change: res.OrderChange, _type: str) -> None:
        change.profile.principal.full_name = "王示例"
        change.profile.principal.certificate.type = res.CERTIFICATE_TYPE_RESIDENT_ID
        change.profile.principal.certificate.number = resident_id(self.number + 2)
        change.profile.principal.mobile = self.new_mobile
        change.paths.extend(f"profile.principal.{path}" for path in ("full_name", "certificate", "mobile"))

    def _new_phone(self, change: res.OrderChange, order_type: str) -> None:
        if order_type == "CHANGE_SUBJECT":
            change.profile.principal.mobile = self.new_mobile
            change.paths.append("profile.principal.mobile")
        else:
            change.service.principal.mobile = self.new_mobile
            change.paths.append("service.principal.mobile")

    def _new_number(self, change: res.OrderChange, _type: str) -> None:
        change.profile.certificate.number = uscc(self.number + 700)
        change.paths.append("profile.certificate.number")

    def _new_province(self, change: res.OrderChange, _type: str) -> None:
        change.profile.province = "广东"
        change.paths.append("profile.province")

    def _new_title(self, change: res.OrderChange, _type: str) -> None:
        change.service.title = "示例新名称"
        change.paths.append("service.title")

    def _fewer_domains(self, change: res.OrderChange, _type: str) -> None:
        """The domain of the situation goes; where it is the only one, another is wished in its place."""
        kept = list(self.subject.services[0].domains)[:-1]
        change.service.domains.extend(kept or [f"instead-scene{self.number}.com"])
        change.paths.append("service.domains")

    def people(self) -> list[res.Person]:
        """Everybody who reads a phone: the principals at their filed and at their new numbers, unless one is dead."""
        principal, manager = self.subject.profile.principal, self.subject.services[0].principal
        found = [principal]
        if self.situation.contact.phone_reachable is not False:
            found.append(manager)
        at_new = [res.Person(certificate=one.certificate, mobile=self.new_mobile) for one in (manager, principal)]
        successor = res.Certificate(number=resident_id(self.number + 2))
        return [*found, *at_new, res.Person(certificate=successor, mobile=self.new_mobile)]

    def corrected(self) -> tuple[res.Subject, str]:
        """New data after an objection, and its path: the title of a site that is not filed yet, else a second phone."""
        made = res.Subject(name=self.name)
        if self.situation.service.filed:
            made.profile.principal.emergency_phone = f"135{self.number:08d}"
            return made, "profile.principal.emergency_phone"
        made.services.add().CopyFrom(self.subject.services[0])
        made.services[0].title = "示例更正网站"
        return made, "services"

    @property
    def new_mobile(self) -> str:
        """A phone that the principals have beside the filed ones."""
        return f"136{self.number:08d}"


_CHANGES: Final = {
    "NAME": Company._new_name,
    "ADDRESS": Company._new_address,
    "CERT_ADDRESS": Company._new_address,
    "PRINCIPAL": Company._new_principal,
    "PHONE": Company._new_phone,
    "CERT_NUMBER": Company._new_number,
    "PROVINCE": Company._new_province,
    "SERVICE_NAME": Company._new_title,
    "DOMAIN": Company._fewer_domains,
}
