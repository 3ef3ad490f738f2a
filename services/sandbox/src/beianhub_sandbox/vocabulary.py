"""What one vendor calls everything, in one object; `vendors/*_words.py` fill it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beianhub_sandbox import forms
from beianhub_sandbox.model import Channel, Order, OrderType, Stage
from beianhub_sandbox.office import Submission
from beianhub_sandbox.problems import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from beianhub_sandbox.problems import ErrorWord


@dataclass(frozen=True)
class Vocabulary:
    """A vendor's fields, codes, states, errors, and its view of an order."""

    vendor: str
    title: str
    header: str
    """The vendor's name in callback headers: `X-<header>-Signature`."""
    fields: tuple[forms.FormField, ...]
    order_types: Mapping[OrderType, int | str]
    states: Mapping[Stage, str]
    errors: Mapping[Problem, ErrorWord]
    describe: Callable[[Order], dict[str, Any]]
    event: Callable[[dict[str, Any], float], dict[str, Any]]
    """A described order and a moment -> the body of a callback."""
    unknown_state: dict[str, Any]
    """What scenario `unknown_status` shows in place of the state: nothing from the published list."""
    new_number: Callable[[], str]

    def name_of(self, key: str) -> str:
        """The vendor's name of a neutral key."""
        return next(item.name for item in self.fields if item.key == key)

    def read_domain(self, form: Mapping[str, Any]) -> str:
        """The domain in a form, or an empty string."""
        return str(forms.at_path(form, self.name_of("domain")) or "")

    def read(
        self, form: dict[str, Any], account: str, *, channel: Channel = Channel.API, draft: bool = False
    ) -> Submission:
        """A new order's form; Refused MISSING or INVALID with the vendor's field names."""
        name = self.name_of(forms.ORDER_TYPE)
        code = forms.at_path(form, name)
        if code in (None, ""):
            raise Refused(Problem.MISSING, fields=(name,))
        order_type = next((kind for kind, word in self.order_types.items() if str(word) == str(code)), None)
        if order_type is None:
            raise Refused(Problem.INVALID, fields=(name,))
        return self._submission(form, account, order_type, channel, draft=draft)

    def read_correction(self, form: dict[str, Any], order: Order) -> Submission:
        """A corrected form of an order; its type, reference and callback stay as they were."""
        return self._submission(form, order.account, order.order_type, order.channel)

    def _submission(
        self, form: dict[str, Any], account: str, kind: OrderType, channel: Channel, *, draft: bool = False
    ) -> Submission:
        required = frozenset() if draft else forms.REQUIRED[kind]
        token = self._token_name()
        return Submission(
            vendor=self.vendor,
            account=account,
            channel=channel,
            order_type=kind,
            application=forms.read(form, self.fields, required),
            form={name: value for name, value in form.items() if name != token},
            **forms.read_envelope(form, self.fields),
        )

    def _token_name(self) -> str:
        return next((item.name for item in self.fields if item.key == forms.CLIENT_TOKEN), "")


def masked(mobile: str) -> str:
    """`138****8000`."""
    return f"{mobile[:3]}****{mobile[-4:]}"


def sms_state(order: Order) -> str:
    """NONE, WAITING, PASSED or EXPIRED (lapsed, or answered wrongly too often)."""
    if not order.challenges:
        return "NONE"
    if order.stage is Stage.SMS:
        return "WAITING"
    return "PASSED" if all(item.answered for item in order.challenges) else "EXPIRED"


def subject_number(order: Order) -> str:
    """The subject's part of the order's licence number."""
    return order.licence_number.partition("号")[0] + "号" if order.licence_number else ""
