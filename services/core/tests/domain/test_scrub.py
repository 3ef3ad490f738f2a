"""Free text from outside: what has the shape of personal data is starred, in time that grows with the text alone."""

from __future__ import annotations

import time

import pytest

from beianhub_core.domain.scrub import LONGEST_WORD, scrub, short


@pytest.mark.parametrize("piece", ["y", "1", "y.", "1-", "a@", "a@b.", "张"])
def test_a_long_word_holds_nobody_up(piece: str) -> None:
    """A megabyte of anything is scrubbed at once: a quadratic rule would need hours, and stop every other caller."""
    started = time.process_time()
    assert len(short(piece * (1_000_000 // len(piece)))) == LONGEST_WORD
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("write to ", "zhang.san+1@example.com.cn", ", please"),
        ("(", "zhang@example.com", ")"),
        ("联系", "zhang@example.com", "。"),
        ("<", "-.zhang@example.com", ">"),
        ("no@address, but ", "zhang@example.com", ""),
    ],
)
def test_an_address_is_starred_wherever_it_stands(before: str, address: str, after: str) -> None:
    """An e-mail address keeps its ends alone, in brackets, after Chinese and with punctuation, too."""
    starred = address[:3] + "*" * (len(address) - 5) + address[-2:]
    assert scrub(before + address + after) == before + starred + after
