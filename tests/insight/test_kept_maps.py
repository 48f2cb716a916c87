"""A map that is kept shows what a fresh one would, whatever was written since."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from plimsoll.insight import sketch
from plimsoll.insight.around.kept import kept_comparison, kept_whole
from plimsoll.insight.topology import Scope, Whole, whole
from plimsoll.insight.topology.compare_windows import Comparison, Windows, comparison
from plimsoll.store.cells import METRIC_SERVER, Cells
from plimsoll.store.models import Edge, Node, NodeAlias, Service, Team
from tests.insight.traffic import FRONTEND, MINUTE, REVIEWS, calls, written

pytestmark = pytest.mark.django_db

QUARTER = timedelta(minutes=15)
EVERYTHING = Scope()
LEGACY = REVIEWS._replace(name="reviews-legacy")


def told() -> datetime:
    """Write two calls with their latency, and requests that nobody is known to have made; return a moment after."""
    cells = Cells()
    calls(cells, requests=60).latency[sketch.bucket_of(10.0)] = 60
    calls(cells, requests=5, server=LEGACY)
    cells.add_node(REVIEWS, "", METRIC_SERVER, int(time.time()) // 60, unattributed=7)
    return written(cells).replace(second=0, microsecond=0) + MINUTE


def slow_calls() -> None:
    cells = Cells()
    # A histogram of calls that another request counted.
    cell = calls(cells, requests=0)
    cell.latency[sketch.bucket_of(900.0)] = 600
    written(cells)


def more_calls() -> None:
    cells = Cells()
    calls(cells, requests=40)
    written(cells)


def more_of_nobody() -> None:
    cells = Cells()
    cells.add_node(REVIEWS, "", METRIC_SERVER, int(time.time()) // 60, unattributed=11)
    written(cells)


def a_name() -> None:
    alias, node = Node.objects.get(name="reviews-legacy"), Node.objects.get(name="reviews")
    NodeAlias.objects.create(
        alias=alias, node=node, evidence="record", votes=1, first_seen=node.created_at, last_seen=node.created_at
    )


WRITES: dict[str, Callable[[], object]] = {
    "more calls": more_calls,
    "latency alone": slow_calls,
    "requests of nobody": more_of_nobody,
    "another name": a_name,
    "an owner": lambda: Service.objects.filter(name="reviews").update(team=Team.objects.create(slug="a", name="A")),
    "a tier": lambda: Service.objects.filter(name="reviews").update(tier="shared"),
    "a gateway": lambda: Node.objects.filter(name="frontend").update(kind="gateway"),
    "calls of earlier": lambda: Edge.objects.update(first_seen=F("first_seen") - timedelta(hours=2)),
}


def map_of(end: datetime) -> Whole:
    return kept_whole(end - QUARTER, end, EVERYTHING)


@pytest.mark.parametrize("what", WRITES)
def test_what_was_written_since_is_on_the_map(what: str) -> None:
    end = told()
    before = map_of(end)

    WRITES[what]()

    assert map_of(end) == whole(start=end - QUARTER, end=end, scope=EVERYTHING)
    assert map_of(end) != before


def test_the_minute_that_a_window_begins_in_counts_whole() -> None:
    end = told()
    start = end - 2 * MINUTE + timedelta(seconds=30)
    before = kept_whole(start, end, EVERYTHING)

    more_calls()

    assert kept_whole(start, end, EVERYTHING) == whole(start=start, end=end, scope=EVERYTHING) != before


@pytest.mark.parametrize("what", WRITES)
def test_what_was_written_since_is_in_the_comparison(what: str) -> None:
    end = told()
    sides = Windows((end - QUARTER, end - 3 * MINUTE), (end - 3 * MINUTE, end), is_while_out=False)
    before = kept_comparison(sides, EVERYTHING)

    WRITES[what]()

    assert _said(kept_comparison(sides, EVERYTHING)) == _said(comparison(sides, EVERYTHING)) != _said(before)


def _said(found: Comparison) -> tuple[object, ...]:
    return found.after, found.arcs, found.vertices


def test_a_map_is_put_together_once_while_nothing_is_written() -> None:
    end = told()

    assert FRONTEND.name in {vertex.name for vertex in map_of(end).vertices.values()}
    assert map_of(end) is map_of(end)
