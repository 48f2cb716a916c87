"""What changed between two windows: only what chance does not explain, and never with too few requests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.insight.topology.compare import Change, Why, change, changes, grown, is_faster, tally

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=3)


@dataclass(frozen=True)
class Figures:
    """An edge in one window."""

    id: str = "1-2"
    requests: float = 1000
    failed: float = 0
    p95_ms: float | None = 100.0
    first_seen: datetime = LONG_AGO

    @property
    def error_rate(self) -> float | None:
        return self.failed / self.requests if self.requests else None


def test_the_story_of_the_picture() -> None:
    before = Figures(requests=4930, failed=10, p95_ms=118)
    after = Figures(requests=5120, failed=312, p95_ms=412)

    assert change(before, after) == Change("errors")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (Figures(), Figures(), "same"),
        # 0.5 points and more than three standard errors: 0.1 % of 10,000, then 0.7 %.
        (Figures(requests=10_000, failed=10), Figures(requests=10_000, failed=70), "errors"),
        # Less than half a point.
        (Figures(requests=100_000, failed=100), Figures(requests=100_000, failed=590), "same"),
        # Four failures of a hundred where there was none: fewer than five.
        (Figures(requests=100), Figures(requests=100, failed=4), "same"),
        # Five of a hundred after two of a hundred: nothing that chance does not do.
        (Figures(requests=100, failed=2), Figures(requests=100, failed=8), "same"),
        # A fifth slower, with enough to see it.
        (Figures(requests=5000, p95_ms=100), Figures(requests=5000, p95_ms=120), "slower"),
        (Figures(requests=5000, p95_ms=100), Figures(requests=5000, p95_ms=119), "same"),
        # A fifth, but of 20 ms only.
        (Figures(requests=5000, p95_ms=20), Figures(requests=5000, p95_ms=24.9), "same"),
        # With a hundred requests a P95 may be half as high again by chance: 3 * 1.5 * sqrt(2 / 100) = ln 1.89.
        (Figures(requests=100, p95_ms=100), Figures(requests=100, p95_ms=188), "same"),
        (Figures(requests=100, p95_ms=100), Figures(requests=100, p95_ms=190), "slower"),
        # Faster is never worse.
        (Figures(p95_ms=400), Figures(p95_ms=100), "same"),
        (Figures(p95_ms=None), Figures(p95_ms=100), "same"),
    ],
)
def test_a_difference_is_one_when_chance_does_not_explain_it(before: Figures, after: Figures, verdict: str) -> None:
    assert change(before, after).verdict == verdict


@pytest.mark.parametrize(("n", "m"), [(99, 5000), (5000, 99)])
def test_a_small_sample_is_said_to_be_too_small(n: int, m: int) -> None:
    before, after = Figures(requests=n), Figures(requests=m, failed=m, p95_ms=10_000)

    assert change(before, after) == Change("unknown", Why.FEW)


def test_an_edge_that_was_first_seen_since_then_is_new_and_another_only_was_quiet() -> None:
    new, old = Figures("1-2", requests=1, first_seen=NOON), Figures("3-4", requests=9000)

    assert changes([], [new, old], since=NOON) == {"1-2": Change("new"), "3-4": Change("unknown", Why.QUIET_BEFORE)}


def test_an_edge_that_had_twenty_calls_and_has_none_is_gone() -> None:
    often, seldom = Figures("1-2", requests=20), Figures("3-4", requests=19)

    assert changes([often, seldom], [], since=NOON) == {"1-2": Change("gone"), "3-4": Change("unknown", Why.FEW)}


def test_an_edge_is_missed_only_after_as_long_as_twenty_calls_of_it_take() -> None:
    before = Figures("1-2", requests=120)

    early, later = (changes([before], [], since=NOON, pace=minutes / 12)["1-2"] for minutes in (1, 2))

    assert (early, later) == (Change("unknown", Why.FEW), Change("gone"))


def test_nobody_is_gone_who_only_fell_silent() -> None:
    found = changes([Figures("1-2")], [], since=NOON, silent=["1-2"])

    assert found == {"1-2": Change("unknown", Why.NOT_HEARD_OF)}


def test_what_was_counted_elsewhere_is_not_compared() -> None:
    found = changes([Figures("1-2")], [Figures("1-2", failed=900)], since=NOON, unlike=["1-2"])

    assert found == {"1-2": Change("unknown", Why.NOT_ALIKE)}


def test_faster_needs_as_much_as_slower() -> None:
    assert is_faster(Figures(p95_ms=400), Figures(p95_ms=100))
    assert not is_faster(Figures(p95_ms=100, requests=100), Figures(p95_ms=80, requests=100))


def test_growth_from_nothing_is_unknown() -> None:
    assert grown(118.0, 412.0) == pytest.approx(2.49, abs=0.01)
    assert grown(None, 412.0) is None
    assert grown(0.0, 412.0) is None
    assert grown(118.0, None) is None


def test_verdicts_are_counted() -> None:
    assert tally({"1": "new", "2": "same", "3": "new"}) == {"new": 2, "same": 1}


def test_what_nobody_looked_at_before_is_not_new() -> None:
    seen_first = Figures(first_seen=NOON)

    assert changes([], [seen_first], since=NOON)["1-2"] == Change("new")
    assert changes([], [seen_first], since=NOON, unwatched=["1-2"])["1-2"] == Change("unknown", Why.UNWATCHED)
