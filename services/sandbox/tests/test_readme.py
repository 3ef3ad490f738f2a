"""The README is the contract: whoever writes a client reads nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from beianhub_sandbox import codes, forms
from beianhub_sandbox.model import Behaviour
from beianhub_sandbox.regulator import RESULT_CODES
from beianhub_sandbox.sandbox import VOCABULARIES
from beianhub_sandbox.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("vendor", VOCABULARIES)
def test_every_word_of_a_vendor_is_documented(vendor: str) -> None:
    """Every field, order type code, state and error code of a vendor stands in the README."""
    words = VOCABULARIES[vendor]
    names = [f"`{item.name}`" for item in words.fields]
    names += [f"`{code}`" for code in words.order_types.values()]
    names += list(words.states.values())
    names += [item.code.replace("{field}", "<Field>") for item in words.errors.values()]
    assert [name for name in names if name not in README] == []


def test_every_code_behaviour_and_setting_is_documented() -> None:
    """Codes of natures, certificates and kinds, result codes, script behaviours and settings are there."""
    tables = (codes.NATURES, codes.CERTIFICATE_TYPES, codes.SERVICE_KINDS)
    names = [str(word) for table in tables for row in table.values() for word in row]
    names += [f"{code} {words.partition('，')[0]}" for code, words in RESULT_CODES.items()]
    names += [f"`{behaviour}`" for behaviour in Behaviour]
    known = README.replace("`aliyun_…` / `huawei_…`", "aliyun_signature_validity huawei_signature_validity")
    names += list(Settings.__dataclass_fields__)
    assert [name for name in names if name not in known] == []


def test_the_required_fields_are_documented() -> None:
    """The README's column of required fields says what the forms check."""
    letters = {
        "F": "FIRST_FILING",
        "N": "ADD_SERVICE",
        "A": "ADD_ACCESS",
        "W": "CHANGE_SERVICE",
        "I": "CHANGE_ACCESS",
        "S": "CANCEL_SERVICE",
        "C": "CANCEL_ACCESS",
        "T": "TRANSFER_ACCOUNT",
        "L": "CLAIM",
        "M": "MIGRATE_SERVICE",
    }
    every = {str(kind) for kind in forms.REQUIRED}
    for item in VOCABULARIES["aliyun"].fields:
        row = next(line for line in README.splitlines() if line.count("|") == 6 and f"| `{item.name}`" in line)
        said = row.rsplit("|", 2)[1].strip()
        kinds = {"all": every, "¬F": every - {"FIRST_FILING"}, "–": set()}.get(said)
        documented = {letters[letter] for letter in said.split()} if kinds is None else kinds
        checked = {str(kind) for kind, keys in forms.REQUIRED.items() if item.key in keys}
        assert documented == (every if item.key == forms.ORDER_TYPE else checked), item.name
