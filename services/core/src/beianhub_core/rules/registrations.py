"""What is known of domains' registrations: each is of a domain of its service, and says a day that there is."""

from __future__ import annotations

from collections.abc import Iterator

from beianhub.resources.v1.resources_pb2 import DomainRegistration, Finding, Service
from beianhub_core.findings import blocker
from beianhub_core.rules.certificates import last_day
from beianhub_core.rules.domains import canonical_domain


def check_registrations(service: Service, path: str) -> Iterator[Finding]:
    """Everything wrong with what the service at ``path`` says of its domains' registrations."""
    domains = {canonical_domain(domain) or domain for domain in service.domains}
    seen: set[str] = set()
    for index, registration in enumerate(service.registrations):
        at = f"{path}.registrations[{index}]"
        domain = canonical_domain(registration.domain) or registration.domain
        if domain not in domains:
            yield _stray(f"{at}.domain")
        elif domain in seen:
            yield _twice(f"{at}.domain")
        seen.add(domain)
        day = last_day(registration.expires_on)
        if registration.expires_on and (day is None or day.isoformat() != registration.expires_on):
            yield _no_day(f"{at}.expires_on")


def readable(registration: DomainRegistration) -> DomainRegistration:
    """A copy in canonical form; what cannot be read keeps its spelling."""
    copy = DomainRegistration()
    copy.CopyFrom(registration)
    copy.domain = canonical_domain(registration.domain) or registration.domain
    copy.expires_on = registration.expires_on.strip()
    return copy


def check_one(service: Service, registration: DomainRegistration, path: str) -> list[Finding]:
    """What is wrong with the registration at ``path``, of a domain of the service."""
    found = list(check_registrations(Service(domains=service.domains, registrations=[registration]), ""))
    for finding in found:
        finding.path = finding.path.replace(".registrations[0]", path)
    return found


def drop_stray(service: Service) -> None:
    """Forgets, in place, what is known of domains that the service has no more."""
    kept = [registration for registration in service.registrations if registration.domain in service.domains]
    copies = Service(registrations=kept).registrations
    service.ClearField("registrations")
    service.registrations.extend(copies)


def _stray(path: str) -> Finding:
    return blocker(
        "REGISTRATION_OF_OTHER_DOMAIN",
        path,
        "域名注册信息不属于该服务的域名",
        "is the registration of a domain that the service has not",
        "填写该服务的域名，或不填注册信息。 / Name one of the service's domains, or leave the registration out.",
        source=("MIIT-V3 Ym_xx",),
    )


def _twice(path: str) -> Finding:
    return blocker(
        "REGISTRATION_DUPLICATE",
        path,
        "同一域名的注册信息重复",
        "the domain's registration is there twice",
        "删除其中一条。 / Remove one of the two.",
        source=("MIIT-V3 Ym_xx",),
    )


def _no_day(path: str) -> Finding:
    return blocker(
        "DOMAIN_EXPIRY_FORMAT",
        path,
        "域名到期日应为 YYYY-MM-DD，未知请留空",
        "the domain's last day must be YYYY-MM-DD, or empty where it is not known",
        "按注册商页面填写，格式为 YYYY-MM-DD。 / Copy the day from the registrar's page as YYYY-MM-DD.",
        source=("S4.29",),
    )
