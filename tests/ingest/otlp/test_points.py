"""Metric points in the database: several writers, and statistics that wait for one another."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from ingest.mesh.points import CUMULATIVE, Known, Meaning, Point
from ingest.otlp.metrics import metrics
from ingest.otlp.points import apply_points
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane, Ref
from plimsoll.store.connections import opened
from plimsoll.store.series_state import SeriesStates
from tests.ingest.mesh.metric_builders import CAPTURED_NS, CONTEXT, SECOND_NS, sums, totals

START_NS = CAPTURED_NS - 240 * SECOND_NS
PROXY = {"service.instance.id": "shop.frontend-6d4cf56db6-x7k2p.istio-proxy", "telemetry.sdk.name": "envoy"}
REVIEWS = {"envoy.cluster_name": "outbound|80||reviews.shop.svc.cluster.local"}


def _applied(connection: object, body: bytes, cells: Cells) -> None:
    """Write one request in a transaction of its own."""
    effect = metrics(body, "test", CONTEXT, CAPTURED_NS)
    with connection.transaction():  # type: ignore[attr-defined]
        apply_points(connection, effect.points, cells)  # type: ignore[arg-type]


def _statistic(name: str, value: float, tags: dict[str, str] | None = None, *, at_s: int = 60) -> bytes:
    row = (REVIEWS | (tags or {}), START_NS, START_NS + at_s * SECOND_NS, value)
    return sums(f"cluster.{name}", [row], resource=PROXY)


@pytest.mark.django_db(transaction=True)
def test_tries_wait_until_an_answer_shows_that_they_are_requests() -> None:
    cells = Cells()
    with opened() as connection:
        _applied(connection, _statistic("upstream_rq_total", 3), cells)
        _applied(connection, _statistic("upstream_rq_total", 5, at_s=120), cells)
        before = totals(cells)
        _applied(connection, _statistic("upstream_rq", 4, {"envoy.response_code": "200"}, at_s=120), cells)
        _applied(connection, _statistic("upstream_rq_total", 6, at_s=180), cells)

    ((lane, counters),) = totals(cells).items()
    assert before == {}
    assert (lane.client, lane.protocol) == (Ref("c1", "shop", "frontend", "service"), "http")
    assert counters == {"requests": 4, "attempts": 6}


@pytest.mark.django_db(transaction=True)
def test_what_waits_long_is_kept_in_few_minutes_and_all_counted() -> None:
    cells = Cells()
    with opened() as connection:
        for minute in range(1, 41):
            at = START_NS + minute * 60 * SECOND_NS - 7200 * SECOND_NS
            body = sums("cluster.upstream_rq_total", [(REVIEWS, at - 1, at, 1.0)], temporality=1, resource=PROXY)
            _applied(connection, body, cells)
        _applied(connection, _statistic("upstream_rq", 40, {"envoy.response_code": "200"}), cells)

    (counters,) = totals(cells).values()
    assert counters == {"requests": 40, "attempts": 40}
    assert len(cells.edges) <= 17


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_series_count_it_once() -> None:
    ends = Ref("c1", "shop", "a", "service"), Ref("c1", "shop", "b", "service")
    meaning = Meaning(lane=Lane("test", *ends, "http", METRIC_CLIENT), counters=("requests",))
    keys = [bytes([n]) * 16 for n in range(8)]

    def write(offset: int) -> float:
        # A receiver of its own, with its own memory of what it saved.
        cells, states = Cells(), SeriesStates()
        with opened() as connection:
            for step in range(offset, 40, 2):
                time_ns = START_NS + (step + 1) * SECOND_NS
                points = [
                    Point(Known(key, "calls", CUMULATIVE, meaning), START_NS, time_ns, 0, (step + 1.0,))
                    for key in (keys if offset else reversed(keys))
                ]
                with connection.transaction():
                    apply_points(connection, points, cells, states)
        return sum(counters["requests"] for counters in totals(cells).values())

    with ThreadPoolExecutor(2) as pool:
        counted = sum(pool.map(write, (0, 1)))

    assert counted == 8 * 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_receivers_that_take_turns_and_fail_count_each_call_once(seed: int) -> None:
    random = Random(seed)
    ends = Ref("c1", "shop", "a", "service"), Ref("c1", "shop", "b", "service")
    meaning = Meaning(lane=Lane("test", *ends, "http", METRIC_CLIENT), counters=("requests",))
    series = [Known(bytes([n]) * 16, "calls", CUMULATIVE, meaning) for n in range(4)]
    values = dict.fromkeys(range(4), 0)
    receivers = [SeriesStates() for _ in range(3)]
    cells = Cells()
    with opened() as connection:
        for step in range(60):
            chosen = random.sample(range(4), random.randint(1, 4))
            for number in chosen:
                values[number] += random.randint(0, 9)
            time_ns = START_NS + (step + 1) * SECOND_NS
            points = [Point(series[number], START_NS, time_ns, 0, (values[number],)) for number in chosen]
            if random.random() < 0.3:
                # Its transaction fails, and the sender tries again with any receiver.
                with connection.transaction(force_rollback=True):
                    apply_points(connection, points, Cells(), random.choice(receivers))
            if random.random() < 0.1:
                receivers[0] = SeriesStates()
            with connection.transaction():
                apply_points(connection, points, cells, random.choice(receivers))

    assert totals(cells) == {meaning.lane: {"requests": sum(values.values())}}
