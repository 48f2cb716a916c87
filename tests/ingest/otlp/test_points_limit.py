"""More metric series than there is room for: known ones count on, new ones are refused and counted."""

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from ingest.otlp import answers
from ingest.otlp.effect import Effect
from ingest.otlp.metrics import metrics
from ingest.otlp.points import NO_ROOM, apply_points
from plimsoll.store.cells import Cells
from plimsoll.store.connections import Connection, opened
from plimsoll.store.series_state import SeriesStates
from tests.ingest.mesh.metric_builders import CAPTURED_NS, CONTEXT, SECOND_NS, sums, totals
from tests.ingest.mesh.test_istio_metrics import LABELS

START_NS = CAPTURED_NS - 240 * SECOND_NS


def _sent(connection: Connection, states: SeriesStates, cells: Cells, at_s: int, **values: float) -> Effect:
    """Write a request of a series a version of the caller, in a transaction of its own."""
    rows = [
        ({**LABELS, "source_version": version}, START_NS, START_NS + at_s * SECOND_NS, value)
        for version, value in values.items()
    ]
    effect = metrics(sums("istio_requests_total", rows), "test", CONTEXT, CAPTURED_NS)
    with connection.transaction():
        apply_points(connection, effect.points, cells, states)
    return effect


def _requests(cells: Cells) -> dict[str, float]:
    return {lane.client_version: counters["requests"] for lane, counters in totals(cells).items()}


@pytest.mark.django_db(transaction=True)
def test_a_series_for_which_there_is_no_room_is_refused_and_others_count_on() -> None:
    states, cells = SeriesStates(most=2), Cells()
    with opened() as connection:
        first = _sent(connection, states, cells, 15, v1=3)
        second = _sent(connection, states, cells, 30, v1=4, v2=5, v3=6, v4=7)
        third = _sent(connection, states, cells, 45, v1=9, v2=9, v3=9, v4=9)
        stored = connection.execute("SELECT count(*) FROM metric_series").fetchone()

    # Which of the three new ones had room is for their keys to say.
    requests = _requests(cells)
    assert stored == (2,)
    assert len(requests) == 2
    assert set(requests.values()) == {9}
    assert [first.rejected, second.rejected, third.rejected] == [{}, {NO_ROOM: 2}, {NO_ROOM: 2}]
    assert second.cells.health["refused", "no room for another series of istio_requests_total"] == 2


@pytest.mark.django_db(transaction=True)
def test_the_sender_is_told_what_to_do() -> None:
    with opened() as connection:
        effect = _sent(connection, SeriesStates(most=0), Cells(), 15, v1=3)

    response = ExportMetricsServiceResponse.FromString(answers.metrics_response(effect))
    assert response.partial_success.rejected_data_points == 1
    assert response.partial_success.error_message == (
        "no room for another metric series (at most 500,000 within 30 min):"
        " leave out labels, metrics or senders at the collector: 1"
    )


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_starts_anew_knows_the_series_that_have_room() -> None:
    cells = Cells()
    with opened() as connection:
        _sent(connection, SeriesStates(most=2), cells, 15, v1=3, v2=5)
        effect = _sent(connection, SeriesStates(most=2), cells, 30, v1=4, v2=6, v3=7)

    assert _requests(cells) == {"v1": 4, "v2": 6}
    assert effect.rejected == {NO_ROOM: 1}


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_tried_again_is_refused_the_same() -> None:
    states = SeriesStates(most=0)
    with opened() as connection:
        effect = _sent(connection, states, Cells(), 15, v1=3)
        with connection.transaction():
            apply_points(connection, effect.points, Cells(), states)

    assert effect.rejected == {NO_ROOM: 1}


@pytest.mark.django_db(transaction=True)
def test_a_memory_of_a_transaction_that_failed_is_not_believed() -> None:
    states, cells = SeriesStates(), Cells()
    with opened() as connection:
        _sent(connection, states, cells, 15, v1=3)
        effect = metrics(
            sums("istio_requests_total", [({**LABELS, "source_version": "v1"}, START_NS, CAPTURED_NS, 50.0)]),
            "test", CONTEXT, CAPTURED_NS,
        )  # fmt: skip
        with connection.transaction(force_rollback=True):
            apply_points(connection, effect.points, Cells(), states)
        _sent(connection, states, cells, 30, v1=5)

    assert _requests(cells) == {"v1": 5}


@pytest.mark.django_db(transaction=True)
def test_a_series_that_was_forgotten_meanwhile_begins_anew() -> None:
    states, cells = SeriesStates(), Cells()
    with opened() as connection:
        _sent(connection, states, cells, 15, v1=3)
        connection.execute("DELETE FROM metric_series")
        _sent(connection, states, cells, 30, v1=5)

    # A first point within five minutes of its start counts whole.
    assert _requests(cells) == {"v1": 8}
