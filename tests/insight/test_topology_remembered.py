"""Remembered maps: the same as one that is read anew, whatever was written in between."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plimsoll.insight.topology import Scope, Whole, whole
from plimsoll.insight.topology.merging import merged
from plimsoll.store.cells import METRIC_SERVER, Cells
from plimsoll.store.models import Edge, Node, Service, Team
from tests.insight.traffic import MINUTE, REVIEWS, calls, outside, written

pytestmark = pytest.mark.django_db

QUARTER = timedelta(minutes=15)
PRODUCTION = Scope(environments=("production", ""))
BANK, BANK_AS_ADDRESS = outside("bank.example"), outside("10.0.0.9")


def shown(end: datetime) -> Whole:
    return whole(start=end - QUARTER, end=end, scope=PRODUCTION)


def read(end: datetime) -> Whole:
    return merged((end - QUARTER).replace(second=0, microsecond=0), end, PRODUCTION)


@pytest.fixture
def end() -> datetime:
    """Write some traffic; return the end of a window that it is in."""
    cells = Cells()
    calls(cells, requests=60, failed=6).latency[200] = 60
    calls(cells, requests=30, server=BANK)
    calls(cells, requests=20, server=BANK_AS_ADDRESS)
    calls(cells, requests=1, server=outside("silent.example"))
    now = written(cells)
    Service.objects.update(team=Team.objects.create(slug="shop", name="Shop"))
    _minutes_of("silent.example", "DELETE FROM edge_minute WHERE edge_id = %s")
    Edge.objects.filter(server__name="silent.example").update(last_seen=now - timedelta(hours=3))
    return now


def _minutes_of(server: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [Edge.objects.get(server__name=server).pk])


def more_calls() -> None:
    cells = Cells()
    calls(cells, requests=60)
    written(cells)


def latency_alone() -> None:
    _minutes_of("reviews", "UPDATE edge_minute SET latency = ARRAY[(300::bigint << 40) | 60] WHERE edge_id = %s")


def late_calls() -> None:
    cells = Cells()
    calls(cells, requests=60)
    ((lane, minute, bounds),) = cells.edges
    cells.edges[lane, minute - 5, bounds] = cells.edges.pop((lane, minute, bounds))
    written(cells)


def a_new_call() -> None:
    cells = Cells()
    calls(cells, client=REVIEWS, server=BANK)
    written(cells)


def calls_of_nobody() -> None:
    cells = Cells()
    cells.add_node(REVIEWS, "", METRIC_SERVER, int(time.time()) // 60, unattributed=500.0)
    written(cells)


def another_name() -> None:
    cells = Cells()
    cells.alias(BANK_AS_ADDRESS, BANK)
    written(cells)


def another_owner() -> None:
    Service.objects.filter(name="reviews").update(team=Team.objects.create(slug="press", name="Press"))


def another_slug() -> None:
    Team.objects.update(slug="store")


def another_tier() -> None:
    Service.objects.filter(name="reviews").update(tier="1")


def a_gateway() -> None:
    Node.objects.filter(name="frontend").update(kind="gateway")


def seen_before() -> None:
    Edge.objects.filter(server__name="reviews").update(first_seen=datetime.fromisoformat("2024-01-01T00:00Z"))


def gone_of_late() -> None:
    edge = Edge.objects.filter(server__name="silent.example")
    edge.update(last_seen=edge.get().last_seen + timedelta(hours=2, minutes=50))


def forgotten() -> None:
    Edge.objects.filter(server__name="silent.example").update(last_seen=datetime.fromisoformat("2024-01-01T00:00Z"))


def minutes_taken_away() -> None:
    _minutes_of("bank.example", "DELETE FROM edge_minute WHERE edge_id = %s")


@pytest.mark.parametrize(
    "change",
    [
        more_calls, latency_alone, late_calls, a_new_call, calls_of_nobody, another_name, another_owner, another_slug,
        another_tier, a_gateway, seen_before, gone_of_late, forgotten, minutes_taken_away,
    ],
)  # fmt: skip
def test_whatever_changes_is_on_the_map_at_once(end: datetime, change: Callable[[], None]) -> None:
    before = shown(end)

    change()

    after = shown(end)
    assert after != before
    assert after == read(end)


def test_a_map_of_the_same_rows_is_put_together_once(end: datetime) -> None:
    first = shown(end)

    with CaptureQueriesContext(connection) as asked:
        again = shown(end)

    assert again is first
    assert len(asked) == 1


@pytest.mark.parametrize("later", [timedelta(seconds=-1), timedelta(microseconds=1), MINUTE, timedelta(days=-1)])
def test_a_window_that_ends_at_another_moment_has_its_own_rates_and_times(end: datetime, later: timedelta) -> None:
    Edge.objects.update(first_seen=end - timedelta(days=2))
    shown(end)

    assert shown(end + later) == read(end + later)


def test_a_call_that_stops_being_gone_within_a_minute_is_told(end: datetime) -> None:
    """A longer window looks back further for what is gone; in the same minute it does by seconds."""
    begin = (end - QUARTER).replace(second=0, microsecond=0)
    edge = Edge.objects.filter(server__name="silent.example")
    whole_minute = end.replace(second=0, microsecond=0)
    ends = [whole_minute + timedelta(seconds=10), whole_minute + timedelta(seconds=50)]
    edge.update(last_seen=begin - (ends[0] - begin) - timedelta(seconds=20))

    found = [whole(start=begin, end=each, scope=PRODUCTION) for each in ends]

    assert [any(arc.is_gone for arc in each.arcs) for each in found] == [False, True]
    assert found == [merged(begin, each, PRODUCTION) for each in ends]
