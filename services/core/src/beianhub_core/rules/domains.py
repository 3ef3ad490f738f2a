"""Domain names: websites are filed under registrable domains (独立域名) only (S2; domain facts 4.3).

The public suffix list is tldextract's bundled snapshot; nothing is fetched.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

import idna
import tldextract

from beianhub.resources.v1.resources_pb2 import SERVICE_KIND_WEBSITE, Finding, ServiceKind
from beianhub_core.findings import SEVERITY_WARNING, blocker, finding
from beianhub_core.rules.addresses import parse_ip

_SHORTEST, _LONGEST = 4, 128  # MIIT-V3 Ym_xx
_APP_LEVELS: Final = 4  # HW-KB doc_0121: "用到哪级备哪级", down to the fourth
_URL: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//([^/?#\s]+).*$", re.IGNORECASE)
_LABEL: Final = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_STOPS: Final = ".。．｡"  # what IDNA takes for a dot (RFC 3490, UTS 46)
# Scripts that names of one language mix (UTS 39, "highly restrictive").
_ORDINARY: Final = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL", "KATAKANA-HIRAGANA"})
_LOOKALIKE: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


@cache
def _extract() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)


def canonical_domain(name: str) -> str:
    """The ASCII form, in lower case, of a name or of a URL's host (UTS 46, IDNA 2008); "" of what is no domain name."""
    host = _URL.sub(r"\1", name.strip()).rpartition("@")[2].partition(":")[0].rstrip(".。")
    ascii_name = _to_ascii(host)
    fits = _SHORTEST <= len(ascii_name) <= _LONGEST
    return ascii_name if fits and "." in ascii_name and parse_ip(ascii_name) is None else ""


def _to_ascii(host: str) -> str:
    """The host in ASCII; "" of what IDNA refuses. Plain names, the most by far, need none of its tables."""
    if _PLAIN.fullmatch(lower := host.lower()):
        return lower
    if not any(stop in host for stop in _STOPS):
        return ""
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def registrable(name: str) -> str:
    """The registrable domain of a name, in ASCII: ``www.例子.中国`` → ``xn--fsqu00a.xn--fiqs8s``; "" if it has none."""
    ascii_name = canonical_domain(name)
    return _extract()(ascii_name).top_domain_under_public_suffix if ascii_name else ""


def check_service_domain(name: str, path: str, kind: ServiceKind.ValueType = SERVICE_KIND_WEBSITE) -> list[Finding]:
    """What is wrong with a service's domain: a website needs a registrable one, an APP at most a fourth level."""
    if parse_ip(name) is not None:
        return [_is_ip(path)]
    ascii_name = canonical_domain(name)
    if not ascii_name:
        return [_invalid(path)]
    suspicious = [_suspicious(path)] if _is_suspicious(ascii_name) else []
    return suspicious + _check_level(ascii_name, path, kind)


def _check_level(ascii_name: str, path: str, kind: ServiceKind.ValueType) -> list[Finding]:
    """Whether the name stands where such a service may be filed: below a suffix, and not too far."""
    parts = _extract()(ascii_name)
    if not parts.suffix:
        return [_unknown_suffix(path)]
    if not parts.domain:
        return [_is_suffix(path)]
    if kind == SERVICE_KIND_WEBSITE and parts.subdomain:
        return [_below_registrable(path, parts.top_domain_under_public_suffix)]
    return [_too_deep(path)] if ascii_name.count(".") >= _APP_LEVELS else []


def _is_suspicious(ascii_name: str) -> bool:
    """Whether a label mixes scripts that no language mixes, or is all letters that look like Latin ones."""
    if "xn--" not in ascii_name:
        return False
    labels = idna.decode(ascii_name).split(".")[:-1]
    return any(
        not scripts <= _ORDINARY and (len(scripts) > 1 or scripts <= _LOOKALIKE) for scripts in map(_scripts, labels)
    )


def _scripts(label: str) -> frozenset[str]:
    """The scripts of the letters, by the first word of their Unicode names."""
    return frozenset(unicodedata.name(c, "UNKNOWN").split()[0] for c in label if unicodedata.category(c)[0] == "L")


def _is_ip(path: str) -> Finding:
    return blocker(
        "DOMAIN_IS_IP",
        path,
        "此处应填域名，不能填 IP 地址",
        "is an IP address; a domain is filed",
        "此处填域名，地址填在接入中。 / Enter the domain here and the address with the access.",
        source=("MIIT-V3 1004",),
    )


def _invalid(path: str) -> Finding:
    return blocker(
        "DOMAIN_INVALID",
        path,
        "不是有效的域名",
        "is no valid domain name",
        "只填域名，如 example.com.cn：不含协议、端口、路径和下划线，4 至 128 个字符。 / "
        "Enter the bare domain, such as example.com.cn: no scheme, port, path or underscore; 4 to 128 characters.",
        source=("MIIT-V3 1004", "MIIT-V3 Ym_xx"),
    )


def _unknown_suffix(path: str) -> Finding:
    return blocker(
        "DOMAIN_SUFFIX_UNKNOWN",
        path,
        "域名后缀不存在",
        "has a suffix that does not exist",
        "检查拼写；可备案后缀见 domain.miit.gov.cn。 / "
        "Check the spelling; suffixes that may be filed are listed at domain.miit.gov.cn.",
        source=("MIIT-V3 独立域名", "ALI-2019"),
    )


def _is_suffix(path: str) -> Finding:
    return blocker(
        "DOMAIN_IS_SUFFIX",
        path,
        "这是域名后缀，不是可注册的域名",
        "is a suffix itself, not a domain below one",
        "填写完整域名，如 example.com.cn。 / Enter the whole domain, such as example.com.cn.",
        source=("MIIT-V3 独立域名",),
    )


def _below_registrable(path: str, parent: str) -> Finding:
    return blocker(
        "DOMAIN_NOT_REGISTRABLE",
        path,
        f"子域名不支持单独备案，应备案 {parent}",
        f"sub-domains are not filed on their own; {parent} is",
        f"请用 {parent}。 / Use {parent}.",
        source=("S2", "HW-KB 子域名不支持单独备案", "MIIT-V3 独立域名"),
    )


def _too_deep(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "DOMAIN_TOO_DEEP",
        path,
        "APP 域名最多备案到四级",
        "domains of an APP are filed down to the fourth level",
        "填写四级或以上的域名。 / Enter the domain at its fourth level or above.",
        source=("HW-KB doc_0121",),
    )


def _suspicious(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "DOMAIN_MIXED_SCRIPTS",
        path,
        "域名使用或混用了与拉丁字母形近的文字，可能是仿冒域名",
        "uses or mixes scripts whose letters look like Latin ones, as imitations do",
        "用普通键盘重新输入域名，并核对其 ASCII（xn--）形式。 / "
        "Type the domain again with an ordinary keyboard and compare its ASCII (xn--) form.",
        source=("UTS 39",),
    )
