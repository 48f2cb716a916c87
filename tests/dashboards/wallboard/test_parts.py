"""The parts below the numbers: failures of yesterday, the panel at the bottom, teams and turns."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.wallboard import bottom
from dashboards.wallboard.line import day_line
from dashboards.wallboard.say import age, took, when
from dashboards.wallboard.strip import stops, strip
from dashboards.wallboard.yesterday import Measured, failure
from plimsoll.insight.board.day import Day, Landing, Outcome
from plimsoll.insight.board.load import Load
from plimsoll.insight.board.news import Dependency
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.marks import Marks
from plimsoll.store.queries.board import Duty, FailedDeployment, OwnTeam, Rollout

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FOUR = datetime(2026, 11, 23, 16, 20, tzinfo=UTC)
MARKS = Marks({("p95_ms", None, "/permits-api", None): 350.0, ("error_rate", None, None, None): 0.01})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(40, "40 s"), (41 * 60, "41 min"), (125 * 60, "2 h 05"), (76 * 3600, "3 d 4 h"), (-5, "0 s")],
)
def test_an_age_is_as_exact_as_it_matters(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(40, "40 s"), (220, "3 min 40 s"), (180, "3 min"), (59.7, "1 min"), (3900, "1 h 05")]
)
def test_what_took_minutes_is_told_to_the_second(seconds: float, text: str) -> None:
    assert took(seconds) == text


@pytest.mark.parametrize(
    ("hours", "text"), [(-1, "08:30"), (-24, "yesterday 09:30"), (24, "tomorrow 09:30"), (-72, "21 Nov 09:30")]
)
def test_another_day_is_named(hours: int, text: str) -> None:
    assert when(NOW + timedelta(hours=hours), NOW, UTC_ZONE) == text


def failed(**fields: Any) -> FailedDeployment:
    defaults: dict[str, Any] = {
        "reason": "rollback",
        "started_at": FOUR - timedelta(minutes=4),
        "finished_at": FOUR,
        "undone_at": FOUR + timedelta(minutes=3, seconds=40),
    }
    return FailedDeployment(1, "permits-api", "v2.14.0", **{**defaults, **fields})


def why(measured: Measured, **fields: Any) -> str:
    return failure(failed(**fields), MARKS, lambda *_: measured).why


def test_a_failure_says_what_was_over_its_mark_and_how_it_ended() -> None:
    assert why(Measured(412.0, 0.002)) == "P95 412 ms, mark 350 ms · rolled back in 3 min 40 s"
    assert why(Measured(412.0, 0.061)) == (
        "P95 412 ms, mark 350 ms · errors 6.1 %, mark 1.0 % · rolled back in 3 min 40 s"
    )


def test_what_stayed_under_its_mark_or_is_not_known_is_left_out() -> None:
    assert why(Measured(340.0, 0.01)) == "rolled back in 3 min 40 s"
    assert why(Measured()) == "rolled back in 3 min 40 s"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "incident", "undone_at": None}, "an incident followed it"),
        ({"reason": "explicit", "undone_at": None}, "an incident names it"),
        ({"reason": "revert", "undone_at": None}, "a change of it was reverted"),
        ({"reason": "rolled_back", "aborted_at": FOUR, "undone_at": None}, "rolled back in 4 min"),
        ({"reason": "rollback", "undone_at": FOUR}, "rolled back in 4 min"),
        ({"reason": "rolled_back", "undone_at": None, "started_at": None}, "rolled back by itself"),
        ({"reason": None, "undone_at": None}, ""),
    ],
)
def test_without_figures_the_known_reason_is_told_in_words(fields: dict[str, Any], words: str) -> None:
    assert why(Measured(), **fields) == words


def test_telemetry_is_asked_for_the_time_that_it_was_live() -> None:
    asked: list[tuple[datetime, datetime]] = []

    def measure(
        _service: str, _namespace: str | None, _environment: str | None, start: datetime, end: datetime
    ) -> Measured:
        asked.append((start, end))
        return Measured()

    failure(failed(), MARKS, measure)
    failure(failed(undone_at=None), MARKS, measure)

    began = FOUR - timedelta(minutes=4)
    assert asked == [(began, FOUR + timedelta(minutes=3, seconds=40)), (began, FOUR + timedelta(minutes=10))]


def test_the_day_line_puts_failures_on_top_where_they_came() -> None:
    window = Window(datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC), UTC_ZONE)
    told: tuple[tuple[int, Outcome], ...] = ((8, "failed"), (14, "held"), (20, "undecided"))
    landings = tuple(Landing(hour, window.start + timedelta(hours=hour), outcome) for hour, outcome in told)

    drawn = str(day_line(Day(date(2026, 11, 23), window, landings), "3 deployments"))

    # The line of twelve hours is 956 long and begins at 12.
    pins = re.findall(r'class="pin (\w+)"><path class="stem" d="M([\d.]+) ', drawn)
    assert pins == [("held", "490"), ("undecided", "968"), ("failed", "12")]
    assert re.findall(r">(\d\d:\d\d)<", drawn) == [f"{hour:02d}:00" for hour in range(8, 21, 2)]


def test_a_rollout_says_how_far_it_is_and_how_it_does() -> None:
    latest = Rollout(2, "identity", "v8.2.1", NOW - timedelta(minutes=8), (25.0, 25.0))
    other = Rollout(1, "ledger", "v3", None, None)

    one = bottom.rolling_out([latest], Measured(287.0, 0.001), UTC_ZONE)
    two = bottom.rolling_out([latest, other], Measured(), UTC_ZONE)
    spread = bottom.rolling_out([Rollout(2, "a", None, NOW, (10.0, 50.0))], Measured(), UTC_ZONE)
    silent = bottom.rolling_out([Rollout(2, "a", "v1", NOW, None)], Measured(), UTC_ZONE)

    assert (one.names, one.below) == (("identity v8.2.1",), "canary 25 % · P95 287 ms · errors 0.1 %")
    assert two.below == "canary 25 % · and 1 more"
    assert spread.below == "canary 10–50 %"
    assert (silent.names, silent.below) == (("a v1",), "since 09:30")
    assert bottom.rolling_out([], Measured(), UTC_ZONE).below == "No deployment is under way."


def test_a_new_dependency_is_named_with_its_time() -> None:
    news = [Dependency("permits-api", "documents", FOUR), Dependency("web", "map", FOUR)]

    found = bottom.new_dependency(news, NOW, UTC_ZONE, has_telemetry=True)

    assert found.names == ("permits-api", "documents")
    assert found.below == "first seen yesterday 16:20 · and 1 more"
    assert bottom.new_dependency([], NOW, UTC_ZONE, has_telemetry=True).words == "none"
    assert bottom.new_dependency([], NOW, UTC_ZONE, has_telemetry=False).words == "not connected"


def on_call(team: str | None, *found: Duty, is_filled: bool = True) -> tuple[str, str]:
    part = bottom.on_call(found, team, NOW, UTC_ZONE, is_filled=is_filled)
    return part.words or part.names[0], part.below


def test_who_is_on_call_is_the_teams_own_or_the_organisations() -> None:
    until = datetime(2026, 11, 24, 18, tzinfo=UTC)
    common, captain = Duty("on_call", "Chen Wei", until), Duty("captain", "Ana Pires", until)
    own = Duty("on_call", "Lin Yue", until, "Permits")

    assert on_call(None, common, captain, own) == ("Chen Wei", "until 18:00 · captain Ana Pires")
    assert on_call("Permits", common, captain, own) == ("Lin Yue", "until 18:00 · captain Ana Pires")
    assert on_call("Housing", common, captain, own) == ("Chen Wei", "until 18:00 · captain Ana Pires")
    assert on_call(None, own) == ("Permits: Lin Yue", "until 18:00")
    assert on_call("Housing", own) == ("nobody", "No shift covers this hour.")
    assert on_call(None, is_filled=False) == ("not connected", "Put shifts into the catalog file.")


def loads(*ratios: float | None) -> list[tuple[OwnTeam, Load | None]]:
    return [
        (
            OwnTeam(index, f"t{index}", f"Team {index}"),
            None if ratio is None else Load("lead_time", ratio * 100, 100.0, ratio),
        )
        for index, ratio in enumerate(ratios)
    ]


def test_teams_are_shapes_and_bars_against_their_marks() -> None:
    found = strip(loads(0.6, 1.2, 0.95, None, 3.0), "t1", {"lead_time": "Lead time"})

    assert [(bar.status, bar.width) for bar in found.bars] == [
        ("ok", "93.0"),
        ("bad", "186.0"),
        ("warn", "147.2"),
        ("unk", "0.0"),
        ("bad", "186.0"),
    ]
    assert found.bars[1].about == "Lead time uses 120 % of its mark."
    assert found.bars[3].about == "No figure of this team has a mark."
    assert [bar.is_here for bar in found.bars] == [False, True, False, False, False]
    assert [bar.rank for bar in found.bars] == [3, 1, 2, 4, 0]


def test_of_many_teams_those_that_need_a_look_are_shown_in_their_order() -> None:
    found = strip(loads(0.1, 0.2, 0.3, 0.9, 0.4, 0.5, 1.5, 0.6), "all", {"lead_time": "Lead time"})

    assert [bar.slug for bar in found.bars] == ["t0", "t1", "t2", "t3", "t6"]
    assert found.more == 3


def test_the_turn_goes_to_who_needs_a_look_first() -> None:
    found = stops(loads(0.1, 1.2, 0.95, None, 1.5), "All teams")

    assert [stop.slug for stop in found] == ["all", "t4", "t1", "t2", "t0", "t3"]
    assert [stop.slug for stop in stops(loads(0.1, 1.2), "")] == ["t1", "t0"]
