"""Naming rules of services (网站命名): ALI-2019 填写主体信息和网站信息.md, HW-KB doc_0019; domain facts 1.3."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from beianhub.resources.v1.resources_pb2 import (
    NATURE_GOVERNMENT,
    NATURE_INDIVIDUAL,
    NATURE_INSTITUTION,
    SERVICE_KIND_APP,
    SERVICE_KIND_WEBSITE,
    Finding,
    Service,
    SubjectProfile,
)
from beianhub_core.findings import SEVERITY_BLOCKER, SEVERITY_WARNING, blocker, finding
from beianhub_core.rules.domains import registrable

_LONGEST: Final = 512  # MIIT-V3 Wzmc
_CHINESE: Final = re.compile(r"[一-鿿㐀-䶿\U00020000-\U0003ffff]")
_FEWEST_CHINESE: Final = 3
_STATE_HEADS: Final = ("中国", "中华", "国家")
_UNFIT_FOR_INDIVIDUALS: Final = ("公司", "集团", "企业", "商城", "商店", "协会", "门户", "博客", "论坛")
_SOURCE: Final = ("ALI-2019 填写主体信息和网站信息.md", "HW-KB doc_0019")
_AS_OF: Final = "2019-09-01"
_RENAME: Final = (
    "选用三个汉字以上、能说明服务内容的名称。 / "
    "Choose a name of three Chinese characters or more that tells what the service is about."
)


def check_title(service: Service, profile: SubjectProfile, path: str) -> list[Finding]:
    """What is wrong with a service's title at ``path``."""
    title = service.title.strip()
    if not title:
        return [_required(path)]
    if len(title) > _LONGEST:
        return [_naming("SERVICE_TITLE_LENGTH", path, "网站名称不超过 512 字", "must have at most 512 characters")]
    if service.kind == SERVICE_KIND_WEBSITE:
        return [*_check_letters(title, profile.province, path), *_check_words(title, profile.nature, path)]
    if service.kind == SERVICE_KIND_APP and any(unicodedata.category(c) in ("So", "Cs") for c in title):
        return [_emoji(path)]
    return []


def _check_letters(title: str, province: str, path: str) -> Iterator[Finding]:
    """What a website's name is made of; one finding, the most telling."""
    chinese = len(_CHINESE.findall(title))
    compact = "".join(title.split())
    if registrable(title):
        yield _naming("SERVICE_TITLE_IS_DOMAIN", path, "网站名称不能是域名", "must not be a domain name")
    elif compact.isdigit():
        yield _naming("SERVICE_TITLE_DIGITS", path, "网站名称不能全为数字", "must not be digits only")
    elif not chinese and compact.isascii():
        yield _naming("SERVICE_TITLE_ENGLISH", path, "网站名称不能全为英文", "must not be English only")
    elif chinese < _FEWEST_CHINESE:
        yield _short(path, hard=province == "天津")


def _check_words(title: str, nature: int, path: str) -> Iterator[Finding]:
    if title.startswith(_STATE_HEADS) and nature not in (NATURE_GOVERNMENT, NATURE_INSTITUTION):
        zh, en = (
            "非国家机构的网站名称不能以“中国”“中华”“国家”开头",
            "must not start with 中国, 中华 or 国家: state bodies do",
        )
        yield _naming("SERVICE_TITLE_STATE", path, zh, en)
    word = next((word for word in _UNFIT_FOR_INDIVIDUALS if word in title), "")
    if nature == NATURE_INDIVIDUAL and word:
        yield finding(
            SEVERITY_WARNING,
            "SERVICE_TITLE_INDIVIDUAL",
            path,
            f"个人网站名称含“{word}”，多数省份不予通过",
            f"an individual's website whose name holds {word} is refused in many provinces",
            "选用 3 至 10 个字、不含行业、博客、论坛字样的名称。 / "
            "Choose a name of 3 to 10 characters without words of trade, blog or forum.",
            source=_SOURCE,
            as_of=_AS_OF,
        )


def _required(path: str) -> Finding:
    return blocker(
        "SERVICE_TITLE_REQUIRED",
        path,
        "请填写服务名称",
        "the service's title is required",
        _RENAME,
        source=("MIIT-V3 Wzmc",),
    )


def _naming(code: str, path: str, message_zh: str, message_en: str) -> Finding:
    return blocker(code, path, message_zh, message_en, _RENAME, source=_SOURCE, as_of=_AS_OF)


def _short(path: str, *, hard: bool) -> Finding:
    """Three Chinese characters at least: said of Tianjin in so many words, good advice elsewhere."""
    return finding(
        SEVERITY_BLOCKER if hard else SEVERITY_WARNING,
        "SERVICE_TITLE_SHORT",
        path,
        "网站名称应至少含三个汉字",
        "should have three Chinese characters at least",
        _RENAME,
        source=(*_SOURCE, "TC-DOC 天津"),
        as_of=_AS_OF,
    )


def _emoji(path: str) -> Finding:
    return finding(
        SEVERITY_WARNING,
        "SERVICE_TITLE_EMOJI",
        path,
        "APP 名称不能含表情符号",
        "the name of an APP has no emoji",
        "去掉表情符号。 / Leave the emoji out.",
        source=("HW-KB doc_0123",),
    )
