"""Senders call the same severity by many names."""

import pytest

from plimsoll.store.severity import severity_level


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("critical", 1), ("SEV1", 1), ("sev 2", 2), ("P1", 1), ("Sev-3", 3), ("severity: 2", 2), ("1", 1), ("P0", 1),
        ("high", 2), ("Warning", 3), ("P5", 5), ("info", 4), ("", None), (None, None), ("purple", None), ("p12", None),
        ("fatal", 1), ("informational", 4), ("P#1", 1),
    ],
)  # fmt: skip
def test_a_senders_word_is_understood(said: str | None, expected: int | None) -> None:
    assert severity_level(said) == expected
