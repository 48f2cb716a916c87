"""Alerts that flap are one incident, and a run that a deployment tells is not told twice."""

from datetime import datetime, timedelta

from plimsoll.store.merge import State, merged
from plimsoll.store.series import chained, told_twice
from tests.store.builders import minutes, observation

GAP = timedelta(minutes=5)


def episode(start: float, end: float | None) -> State:
    ended: datetime | None = None if end is None else minutes(end)
    status = "open" if end is None else "resolved"
    return merged({}, [observation("incident", opened_at=minutes(start), resolved_at=ended, status=status)])


def test_an_alert_that_fires_again_within_the_gap_reopens_its_incident() -> None:
    overlays = chained({"f@1": episode(0, 4), "f@2": episode(9, None)}, GAP)

    assert overlays["f@1"].columns == {"reopen_count": 1, "resolved_at": None, "status": "open"}
    assert overlays["f@2"].hidden


def test_a_chain_ends_with_its_last_episode() -> None:
    overlays = chained({"f@1": episode(0, 4), "f@2": episode(6, 7), "f@3": episode(12, 20)}, GAP)

    assert overlays["f@1"].columns == {"reopen_count": 2, "resolved_at": minutes(20), "status": "resolved"}
    assert [overlays[name].hidden for name in ("f@1", "f@2", "f@3")] == [False, True, True]


def test_an_alert_that_fires_after_the_gap_is_another_incident() -> None:
    overlays = chained({"f@1": episode(0, 4), "f@2": episode(9.1, None)}, GAP)

    assert not overlays["f@1"].columns
    assert not overlays["f@2"].hidden


def test_an_end_that_never_arrived_is_unknown_once_the_alert_fires_again() -> None:
    overlays = chained({"f@1": episode(0, None), "f@2": episode(90, None)}, GAP)

    assert overlays["f@1"].columns == {"status": "resolved"}
    assert overlays["f@1"].flags == {"end_unknown"}
    assert not overlays["f@2"].columns


def test_a_single_alert_is_left_as_it_is() -> None:
    assert not chained({"f@1": episode(0, None)}, GAP)["f@1"].columns


def test_the_rows_of_a_run_hide_behind_its_deployment() -> None:
    assert told_twice("900", ["900/1", "900/2", "4711"]) == {"900/1", "900/2"}


def test_the_rows_of_a_run_show_when_nothing_else_tells_it() -> None:
    assert told_twice("900", ["900/1", "900/2"]) == frozenset()
