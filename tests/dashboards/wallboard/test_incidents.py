"""Open incidents: the worst first, and who is on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards.wallboard.incidents import Incidents, incidents, initials, rank
from plimsoll.store.queries.board import OpenIncident

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def opened(number: int, severity: str | None, **fields: Any) -> OpenIncident:
    defaults = {"title": f"Trouble {number}", "services": ("ledger",), "status": "open", "opened_at": NOW}
    return OpenIncident(**{"id": number, "severity": severity, **defaults, **fields})


def shown(*found: OpenIncident) -> Incidents:
    return incidents(found, NOW, None, is_known=True)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *(("SEV 2", 2), ("sev2", 2), ("SEV-1", 1), ("P1", 1), ("p3", 3), ("Severity: 4", 4), ("S0", 1), ("5", 5)),
        *(("critical", 1), ("page", 1), ("High", 2), ("warning", 3), ("info", 4)),
        *(("disaster", 1), ("fatal", 1), ("average", 3), ("lowest", 4), ("informational", 4)),
        *(("", 9), (None, 9), ("SEV 27", 9), ("purple", 9)),
    ],
)
def test_a_senders_word_says_how_bad_it_is(word: str | None, expected: int) -> None:
    assert rank(word) == expected


def test_the_worst_come_first_then_the_oldest_and_the_rest_is_counted() -> None:
    old = NOW - timedelta(hours=2)

    found = shown(opened(1, "SEV 3"), opened(2, None), opened(3, "SEV 1"), opened(4, "SEV 1", opened_at=old))

    assert [row.id for row in found.rows] == [4, 3]
    assert (found.count, found.more) == (4, 2)
    assert found.alarming == (3, 4)


@pytest.mark.parametrize(
    ("severity", "label", "kind", "is_word"),
    [
        ("sev2", "SEV 2", "bad", False),
        ("SEV 3", "SEV 3", "warn", False),
        ("p4", "SEV 4", "", False),
        ("critical", "SEV 1", "bad", False),
        ("purple", "purple", "", True),
        (None, "", "", True),
    ],
)
def test_a_severity_is_a_label_and_a_colour(severity: str | None, label: str, kind: str, is_word: bool) -> None:
    (row,) = shown(opened(1, severity)).rows

    assert (row.severity.text, row.severity.kind, row.severity.is_word) == (label, kind, is_word)


@pytest.mark.parametrize(
    ("assignees", "who", "letters"),
    [
        (("Lin Yue",), "Lin Yue", "LY"),
        (("Lin Yue", "Omar Haddad"), "Lin Yue +1", "LY"),
        ((), "nobody yet", ""),
        (None, "nobody yet", ""),
    ],
)
def test_who_is_on_it_or_that_nobody_is(assignees: tuple[str, ...] | None, who: str, letters: str) -> None:
    (row,) = shown(opened(1, "SEV 2", assignees=assignees)).rows

    assert (row.who, row.initials, row.is_somebody) == (who, letters, bool(assignees))


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Omar Haddad", "OH"), ("chen-wei", "CW"), ("ana.maria.pires", "AP"), ("Cher", "C"), ("林悦", "林"), (" ", "")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_nothing_open_and_nothing_connected_are_two_things() -> None:
    none, unknown = shown(), incidents((), NOW, None, is_known=False)

    assert (none.count, none.words) == (0, "None. Nothing is open.")
    assert unknown.count is None
    assert unknown.words.startswith("Not connected")
