"""The rulebook as the planner asks it: under the situation's province, nature and day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from beianhub_core.planner.answer import Deadline, Verification
from beianhub_core.planner.times import CANCELLATION, REGULATOR, REVIEWED
from beianhub_core.planner.vocabulary import CANCELLATIONS, SUBMISSIONS, Order

if TYPE_CHECKING:
    from datetime import date

    from beianhub_core.planner.facts import Facts
    from beianhub_core.rulebook.book import Rulebook
    from beianhub_core.rulebook.model import Rule

_IDENTITY_NOTES: Final = {
    "FACE": "二维码失效可刷新，也可用接入商APP / the QR code can be refreshed, or use the provider's APP (S4.4, S4.5)",
    "CURTAIN_PHOTO": "幕布免费邮寄，无需寄回 / the curtain is mailed free and kept (S2.6)",
    "SHANGHAI_APP": "比拍照快2–3天；单位须全部网站负责人为同一人且持身份证 / "
    "saves 2–3 days; units need one principal with an ID card for all sites (S0.22 to S0.24)",
    "VIDEO": "视频核验 / a guided video (S4.44)",
}
_KINDS: Final = {"CURTAIN": "CURTAIN_PHOTO"}  # the rulebook's word, and that of the verifications
_IDENTITY_SOURCE: Final = {
    "FACE": ("S4.4", "S4.5", "S4.6", "S4.28"),
    "CURTAIN_PHOTO": ("S2.6",),
    "SHANGHAI_APP": tuple(f"S0.{number}" for number in range(21, 33)),
    "VIDEO": ("S4.43", "S4.44"),
}


class Rules:
    """Asks the book; a rule whose sources are all silent counts as none."""

    def __init__(self, book: Rulebook, province: str, nature: str, today: date | None) -> None:
        self._book = book
        self._province = province
        self._nature = nature
        self._today = today

    def of(self, province: str, nature: str) -> Rules:
        """What holds on the same day for another subject."""
        return Rules(self._book, province, nature, self._today)

    def get(self, id_: str, *, provider: str = "", order_type: str = "") -> Rule | None:
        """The rule of this id, or ``None`` where no source says anything."""
        rule = self._book.find(
            id_,
            province=self._province,
            nature=self._nature,
            provider=provider,
            order_type=order_type,
            today=self._today,
        )
        return rule if rule is not None and rule.value is not None else None

    def value(self, id_: str, *, provider: str = "", order_type: str = "") -> Any:
        """The rule's value; ``None`` where there is none."""
        rule = self.get(id_, provider=provider, order_type=order_type)
        return None if rule is None else rule.value

    def know(self, provider: str) -> bool:
        """Whether any rule is this provider's own."""
        return provider in self._book.providers

    def letters(self, facts: Facts, order_type: Order, provider: str) -> list[str]:
        """The letters and pictures that the province or the provider wants with such an order, with their sources."""
        if order_type not in SUBMISSIONS | {Order.CHANGE_SUBJECT}:
            return []
        found = self._book.find_all(
            "letters",
            province=self._province,
            nature=facts.nature,
            provider=provider,
            order_type=str(order_type),
            today=self._today,
        )
        wanted = (rule for rule in found if rule.value is True and rule.id not in _ON_OCCASION)
        return [_letter(rule) for rule in wanted]

    def letter(self, id_: str, *, order_type: str = "") -> list[str]:
        """One letter that is needed on occasion, by its rule's id."""
        rule = self.get(id_, order_type=order_type)
        return [_letter(rule)] if rule is not None and rule.value is True else []

    def identity_checks(self, facts: Facts, order_type: Order, provider: str) -> list[Verification]:
        """How the service principal proves who he is; a choice where there are several."""
        kinds = self.get("identity.kinds", provider=provider, order_type=str(order_type))
        names = [_KINDS.get(kind, kind) for kind in kinds.value] if kinds is not None else ["FACE"]
        if facts.province == "上海" and provider == "tencent" and order_type in SUBMISSIONS:
            names = [*names, *(["SHANGHAI_APP"] if "SHANGHAI_APP" not in names else [])]
        source = kinds.source if kinds is not None else ()
        return [
            Verification(
                name,
                "SERVICE_PRINCIPAL",
                _IDENTITY_NOTES.get(name, ""),
                tuple(dict.fromkeys([*source, *_IDENTITY_SOURCE.get(name, ())])),
            )
            for name in names
        ]

    def review_times(
        self, order_type: Order, provider: str, checks: tuple[Verification, ...] = ()
    ) -> tuple[Deadline, ...]:
        """How long the provider and the bureau take, the longest that a source states; empty of what nobody reviews."""
        if order_type in CANCELLATIONS:
            return self._range("regulator.cancel_days", CANCELLATION.kind, provider) or (CANCELLATION,)
        if str(order_type) not in REVIEWED:
            return ()
        review = self._range("regulator.review_days", REGULATOR.kind, provider) or (REGULATOR,)
        pictures = any(check.kind == "SHANGHAI_APP" for check in checks)
        return (
            *self._range("duration.first_review", "FIRST_REVIEW", provider),
            *(self._range("duration.photo_review", "PHOTO_REVIEW", provider) if pictures else ()),
            *self._range("duration.forwarding", "FORWARDING", provider),
            *review,
            *self._range("regulator.typical_days", "REGULATOR_TYPICAL", provider),
            *self._range("idle.limit", "IDLE_ORDER", provider),
        )

    def _range(self, id_: str, kind: str, provider: str) -> tuple[Deadline, ...]:
        rule = self.get(id_, provider=provider)
        if rule is None:
            return ()
        said = [rule.value, *(each.value for each in rule.conflicts)]
        longest = max(said, key=lambda value: value["max"] if value["unit"] == rule.value["unit"] else -1)
        source = tuple(dict.fromkeys([*rule.source, *rule.conflicts_with]))
        least = min(value["min"] for value in said if value["unit"] == rule.value["unit"])
        return (Deadline(kind, longest["max"], rule.value["unit"], least, source=source),)


# Wanted only where the order has the matter: a new name, another principal, finance, games, a shareholder's domain.
_ON_OCCASION: Final = frozenset(
    {
        "letters.rename",
        "letters.authorisation",
        "letters.finance_commitment",
        "letters.game_licence",
        "letters.holder_proof",
    }
)


_LETTERS: Final = {
    "letters.commitment": "《互联网信息服务备案承诺书》 / the commitment letter",
    "letters.truthfulness_notice": "《真实性责任告知书》 / the notice of responsibility for truthfulness",
    "letters.party_building": "党建确认函 / the party-building confirmation",
    "letters.party_government": "党政机关确认函 / the party and government confirmation",
    "letters.rename": "更名函 / the rename letter",
    "letters.authorisation": "授权书 / the authorisation letter",
    "letters.verification_video": "核验视频 / the verification video",
    "letters.holding_photo": "手持证件照 / a photo with the certificate in hand",
    "letters.seal": "加盖公章 / the official seal on the letters",
}


def _letter(rule: Rule) -> str:
    """The letter by its name, or in the rule's own words, with the sources."""
    return f"{_LETTERS.get(rule.id, f'{rule.message_zh} / {rule.message_en}')} ({', '.join(rule.source)})"
