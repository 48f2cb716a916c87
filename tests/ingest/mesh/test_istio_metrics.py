"""Istio's standard metrics: which edges their labels mean."""

from itertools import pairwise
from typing import Any

import pytest

from ingest.otlp.metrics import metrics
from ingest.otlp.points import apply_points
from plimsoll.store.cells import METRIC_CLIENT, METRIC_SERVER, Cells, Ref
from plimsoll.store.connections import opened
from tests.ingest.mesh.metric_builders import (
    CAPTURED_NS,
    CONTEXT,
    SECOND_NS,
    counted,
    durations,
    sums,
    totals,
)

START_NS = CAPTURED_NS - 120 * SECOND_NS

LABELS = {
    "reporter": "source",
    "source_workload": "frontend-v1",
    "source_workload_namespace": "shop",
    "source_canonical_service": "frontend",
    "source_canonical_revision": "v1",
    "source_version": "unknown",
    "source_app": "frontend",
    "source_cluster": "c1",
    "destination_workload": "reviews-v2",
    "destination_workload_namespace": "shop",
    "destination_service": "reviews.shop.svc.cluster.local",
    "destination_service_name": "reviews",
    "destination_service_namespace": "shop",
    "destination_canonical_service": "reviews",
    "destination_canonical_revision": "latest",
    "destination_cluster": "c1",
    "request_protocol": "http",
    "response_code": "200",
    "grpc_response_status": "",
    "response_flags": "-",
}
FRONTEND, REVIEWS = Ref("c1", "shop", "frontend", "service"), Ref("c1", "shop", "reviews", "service")


def _cells(n: float = 10, name: str = "istio_requests_total", **labels: str) -> Cells:
    """Return what one young series gives."""
    return counted([sums(name, [({**LABELS, **labels}, START_NS, CAPTURED_NS, n)])])


def _lane(cells: Cells) -> Any:
    ((lane, counters),) = totals(cells).items()
    return lane, counters


def _reasons(cells: Cells) -> list[str]:
    return [reason for counter, reason in cells.health if counter == "dropped"]


def test_labels_name_both_ends_and_their_versions() -> None:
    lane, counters = _lane(_cells(10))

    assert (lane.client, lane.server, lane.protocol, lane.vantage) == (FRONTEND, REVIEWS, "http", METRIC_CLIENT)
    assert (lane.client_version, lane.server_version, lane.environment) == ("v1", "", "test")
    assert counters == {"requests": 10}


def test_both_reporters_are_two_vantages_of_one_edge() -> None:
    rows = [({**LABELS, "reporter": reporter}, START_NS, CAPTURED_NS, 10.0) for reporter in ("source", "destination")]

    lanes = totals(counted([sums("istio_requests_total", rows)]))

    assert {lane.vantage: counters["requests"] for lane, counters in lanes.items()} == {
        METRIC_CLIENT: 10,
        METRIC_SERVER: 10,
    }
    assert {(lane.client, lane.server) for lane in lanes} == {(FRONTEND, REVIEWS)}


@pytest.mark.parametrize(
    ("labels", "counters"),
    [
        ({"response_code": "503"}, {"requests": 10, "failed": 10}),
        ({"response_code": "404"}, {"requests": 10, "client_errors": 10}),
        ({"response_code": "429"}, {"requests": 10, "client_errors": 10, "throttled": 10}),
        ({"request_protocol": "grpc", "grpc_response_status": "14"}, {"requests": 10, "failed": 10}),
        ({"request_protocol": "grpc", "grpc_response_status": "5"}, {"requests": 10, "client_errors": 10}),
        ({"response_code": "0", "response_flags": "UC"}, {"requests": 10, "failed": 10}),
        ({"response_code": "503", "response_flags": "UF,URX"}, {"requests": 10, "failed": 10, "unreached": 10}),
    ],
)
def test_codes_and_flags_decide_the_outcome(labels: dict[str, str], counters: dict[str, float]) -> None:
    assert _lane(_cells(10, **labels))[1] == counters


@pytest.mark.parametrize(
    ("labels", "server"),
    [
        ({"destination_canonical_service": "unknown"}, REVIEWS),
        ({"destination_canonical_service": "", "destination_service_name": "", "destination_app": "r"}, "r"),
        ({"destination_canonical_service": "", "destination_service_name": ""}, "reviews-v2"),
    ],
)
def test_the_server_has_the_first_name_that_is_known(labels: dict[str, str], server: Ref | str) -> None:
    found = _lane(_cells(1, **labels))[0].server

    assert found == (server if isinstance(server, Ref) else REVIEWS._replace(name=server))


def test_a_client_without_other_names_is_its_workload_without_the_version() -> None:
    assert _lane(_cells(1, source_canonical_service="", source_app=""))[0].client == FRONTEND


def test_a_service_that_was_never_reached_is_known_by_its_host() -> None:
    unknown = {key: "unknown" for key in LABELS if key.startswith("destination_")}
    unknown["destination_service"] = "ratings.shop.svc.cluster.local"

    lane, counters = _lane(_cells(3, **unknown, response_code="503", response_flags="UF"))

    assert lane.server == REVIEWS._replace(name="ratings")
    assert counters == {"requests": 3, "failed": 3, "unreached": 3}


def test_passthrough_leads_to_the_host_outside_and_a_black_hole_denies() -> None:
    asked = {
        "destination_service": "api.partner.example",
        "destination_canonical_service": "unknown",
        "destination_workload": "unknown",
        "destination_workload_namespace": "unknown",
    }

    passed = _lane(_cells(2, **asked, destination_service_name="PassthroughCluster"))
    denied = _lane(_cells(2, **asked, destination_service_name="BlackHoleCluster", response_code="502"))

    partner = Ref("", "", "api.partner.example", "external")
    assert (passed[0].server, passed[1]) == (partner, {"requests": 2})
    assert (denied[0].server, denied[1]) == (partner, {"denied": 2})


def test_calls_of_a_service_to_itself_are_internal_and_no_edge() -> None:
    cells = _cells(4, destination_canonical_service="frontend")

    assert totals(cells) == {}
    assert list(cells.nodes.values()) == [[0.0, 4.0]]


def test_calls_of_an_unknown_caller_are_unattributed_and_no_edge() -> None:
    unknown = {key: "unknown" for key in LABELS if key.startswith("source_")}

    cells = _cells(4, **unknown, reporter="destination")

    assert totals(cells) == {}
    assert [(lane.node, counts) for (lane, _), counts in cells.nodes.items()] == [(REVIEWS, [4.0, 0.0])]


@pytest.mark.parametrize(
    "labels",
    [
        {"source_canonical_service": "", "source_app": "unknown", "source_workload": "unknown"},
        {"source_cluster": "unknown"},
        {"destination_service": "10.0.0.9", "destination_service_name": "10.0.0.9"},
        {"request_protocol": "tcp"},
        {"reporter": "nobody"},
    ],
)
def test_noise_is_dropped_and_counted(labels: dict[str, str]) -> None:
    cells = _cells(4, **labels)

    assert totals(cells) == {}
    assert cells.nodes == {}
    assert len(_reasons(cells)) == 1


def test_an_unknown_destination_cluster_is_the_source_s() -> None:
    assert _lane(_cells(1, source_cluster="west", destination_cluster="unknown"))[0].server.cluster == "west"


def test_a_record_with_two_names_teaches_an_alias() -> None:
    cells = _cells(1, reporter="destination", destination_service_name="reviews-svc")

    assert cells.aliases == {(REVIEWS._replace(name="reviews-svc"), REVIEWS, "record"): 1}


def test_connections_are_an_edge_of_their_own_protocol() -> None:
    lane, counters = _lane(_cells(3, "istio_tcp_connections_opened_total", request_protocol="tcp"))

    assert (lane.protocol, counters) == ("tcp", {"requests": 3})


def test_durations_give_latency_with_their_own_bounds_and_no_requests() -> None:
    body = durations(
        "istio_request_duration_milliseconds", LABELS, START_NS, CAPTURED_NS, [5.0, 10.0, 25.0], [1, 0, 4, 2]
    )

    cells = counted([body])

    ((_, _, bounds), cell) = next(iter(cells.edges.items()))
    assert (bounds, cell.latency, cell.latency_sum_ms) == ((5.0, 10.0, 25.0), {0: 1, 2: 4, 3: 2}, 100.0)
    assert (cell.requests, cell.observed) == (0, 0)


def test_names_without_suffix_and_with_a_prefix_are_read_too() -> None:
    assert _lane(_cells(2, "envoy.istio_requests"))[1] == {"requests": 2}


def test_delta_and_cumulative_count_the_same() -> None:
    times = [START_NS + n * 15 * SECOND_NS for n in range(4)]
    cumulative = sums("istio_requests_total", [(LABELS, START_NS, time, 5.0 * n) for n, time in enumerate(times) if n])
    delta = sums(
        "istio_requests_total",
        [(LABELS, before, after, 5.0) for before, after in pairwise(times)],
        temporality=1,
    )

    assert totals(counted([cumulative, cumulative])) == totals(counted([delta, delta]))
    assert _lane(counted([delta]))[1] == {"requests": 15}


def test_pods_of_one_workload_add_up() -> None:
    bodies = [
        sums("istio_requests_total", [(LABELS, START_NS, CAPTURED_NS, 5.0)], resource={"service.instance.id": pod})
        for pod in ("10.0.0.7:15020", "10.0.0.8:15020")
    ]

    assert _lane(counted(bodies))[1] == {"requests": 10}


def test_old_points_are_refused_and_future_ones_brought_back() -> None:
    day_ns = 86_400 * SECOND_NS
    rows = [(LABELS, 0, CAPTURED_NS - day_ns - 1, 5.0), (LABELS, 0, CAPTURED_NS + 600 * SECOND_NS, 5.0)]

    effect = metrics(sums("istio_requests_total", rows), "test", CONTEXT, CAPTURED_NS)

    assert effect.rejected == {"point is more than 24 h old, or has no time": 1}
    assert [point.time_ns for point in effect.points] == [CAPTURED_NS + 1]
    assert effect.cells.health["clamped", "point more than 5 min in the future"] == 1
    assert effect.items == 2


def test_future_points_of_one_request_all_count() -> None:
    ahead_ns = CAPTURED_NS + 900 * SECOND_NS
    rows = [(LABELS, CAPTURED_NS - SECOND_NS, ahead_ns + n * SECOND_NS, 5.0 + n) for n in range(3)]

    cells = counted([sums("istio_requests_total", rows)])

    assert _lane(cells)[1] == {"requests": 7}
    assert cells.health["clamped", "point more than 5 min in the future"] == 3


def test_a_metric_that_no_dialect_reads_is_counted() -> None:
    effect = metrics(sums("queue_depth", [({}, 0, CAPTURED_NS, 5.0)]), "test", CONTEXT, CAPTURED_NS)

    assert (effect.items, effect.points) == (1, [])
    assert effect.cells.health["dropped", "no dialect reads this metric"] == 1


@pytest.mark.django_db(transaction=True)
def test_series_stand_in_the_database_between_two_transactions() -> None:
    cells = Cells()
    with opened() as connection:
        for n, value in enumerate((4.0, 9.0, 9.0, 2.0)):
            row = (LABELS, START_NS, START_NS + (n + 1) * SECOND_NS, value)
            effect = metrics(sums("istio_requests_total", [row]), "test", CONTEXT, CAPTURED_NS)
            with connection.transaction():
                apply_points(connection, effect.points, cells)
        stored = connection.execute("SELECT count(*) FROM metric_series").fetchone()

    assert _lane(cells)[1] == {"requests": 11}
    assert stored == (1,)
