"""What two halves of a call are together, and what spans that mean the same add (mesh-dialects, 8.3, 8.4, 9.3)."""

import pytest

from ingest.mesh.halves import Half, Side
from ingest.mesh.joining import Join, count_joins, count_orphan
from ingest.mesh.outcome import Outcome
from ingest.mesh.spans import count_calls
from plimsoll.store.cells import (
    SPAN_CLIENT_APP,
    SPAN_CLIENT_PROXY,
    SPAN_SERVER_APP,
    SPAN_SERVER_PROXY,
    Cell,
    Cells,
    Lane,
    Ref,
)

MS = 1_000_000
FRONTEND, REVIEWS = Ref("c1", "shop", "frontend", "service"), Ref("c1", "shop", "reviews", "service")
CALLER = Half(FRONTEND, "v1", "prod", "http", SPAN_CLIENT_APP, Outcome(), "frontend-1")
CALLEE = Half(REVIEWS, "v2", "prod", "grpc", SPAN_SERVER_APP, Outcome(failed=1), "reviews-1")


def joined(caller: Half = CALLER, callee: Half = CALLEE, callers_ms: tuple[int, ...] = (30,)) -> Cells:
    """Return what one call of two halves adds: the caller's side in minute 7, the callee's in minute 8."""
    cells = Cells()
    owner, waiter = Side(caller, 7, 2.0), Side(callee, 8, None)
    count_joins([Join(owner, [ms * MS for ms in callers_ms], waiter, [20 * MS])], cells)
    return cells


def lane_of(cells: Cells) -> Lane:
    (lane,) = {lane._replace(vantage=0) for lane, _, _ in cells.edges}
    return lane


def test_both_sides_count_the_call_where_and_when_they_saw_it() -> None:
    cells = joined()

    seen = {(lane.vantage, minute): cell for (lane, minute, _), cell in cells.edges.items()}
    assert set(seen) == {(SPAN_CLIENT_APP, 7), (SPAN_SERVER_APP, 8)}
    by_caller, by_callee = seen[SPAN_CLIENT_APP, 7], seen[SPAN_SERVER_APP, 8]
    assert (by_caller.requests, by_caller.failed, by_caller.latency_sum_ms) == (1, 0, 30)
    assert (by_callee.requests, by_callee.failed, by_callee.latency_sum_ms) == (1, 1, 20)
    assert (by_caller.weighted_requests, by_callee.weight_unknown) == (2, 1)


def test_a_caller_that_named_its_callee_counted_the_call_already() -> None:
    assert {lane.vantage for lane, _, _ in joined(callers_ms=()).edges} == {SPAN_SERVER_APP}


def test_a_call_has_the_versions_and_the_protocol_of_its_sides() -> None:
    lane = lane_of(joined())

    assert (lane.client, lane.client_version, lane.server, lane.server_version) == (FRONTEND, "v1", REVIEWS, "v2")
    assert (lane.environment, lane.protocol, lane.evidence, lane.via) == ("prod", "http", "joined", "")


def test_what_the_caller_does_not_say_the_callee_says() -> None:
    lane = lane_of(joined(CALLER._replace(environment="", protocol="unknown", via="shop/waypoint")))

    assert (lane.environment, lane.protocol, lane.via) == ("prod", "grpc", "shop/waypoint")


def test_the_callee_knows_the_way_better_than_the_caller() -> None:
    assert lane_of(joined(CALLER._replace(via="a"), CALLEE._replace(via="b"))).via == "b"


@pytest.mark.parametrize(
    ("caller", "callee", "is_call"),
    [
        ({"instance": "reviews-1"}, {"instance": "reviews-1"}, False),
        ({"instance": "reviews-1"}, {"instance": "reviews-2"}, True),
        ({"instance": "reviews-1"}, {"instance": ""}, False),
        ({"instance": ""}, {"instance": "reviews-2"}, False),
        # The application's call, seen by the proxy of its own pod, which names the pod in another way.
        ({"instance": "reviews-1"}, {"instance": "x", "vantage": SPAN_SERVER_PROXY}, False),
        ({"instance": "x", "vantage": SPAN_CLIENT_PROXY}, {"instance": "reviews-1"}, False),
        ({"instance": "x", "vantage": SPAN_CLIENT_PROXY}, {"instance": "y", "vantage": SPAN_SERVER_PROXY}, True),
        ({"ref": REVIEWS._replace(name="Reviews"), "instance": ""}, {"instance": ""}, False),
        ({"ref": REVIEWS._replace(cluster="c2"), "instance": ""}, {"instance": ""}, True),
    ],
)
def test_a_service_calls_itself_only_between_two_instances(
    caller: dict[str, object], callee: dict[str, object], is_call: bool
) -> None:
    cells = joined(CALLER._replace(**{"ref": REVIEWS} | caller), CALLEE._replace(**callee))  # type: ignore[arg-type]

    assert bool(cells.edges) == is_call
    assert cells.health["joined", "" if is_call else "same hop"] == 1


@pytest.mark.parametrize(
    ("peer", "protocol", "votes"),
    [
        (Ref("c1", "shop", "reviews-vip", "service"), "http", 1),
        (Ref("c1", "kafka", "orders", "messaging"), "messaging", 0),
        (Ref("c1", "shop", "reviews-vip", "database"), "db", 1),
        (Ref("c1", "shop", "", "database"), "db", 0),
        (None, "http", 0),
    ],
)
def test_the_name_that_a_caller_used_is_a_vote_for_the_callee(peer: Ref | None, protocol: str, votes: int) -> None:
    cells = joined(CALLER._replace(peer=peer, protocol=protocol))

    assert sum(cells.aliases.values()) == votes
    assert not votes or (peer and cells.aliases[peer, REVIEWS, "joined"] == 1)


def test_an_orphan_is_unattributed_where_and_when_it_was_seen() -> None:
    cells = Cells()

    count_orphan(Side(CALLEE, 8, None), cells)

    (((lane, minute), counts),) = cells.nodes.items()
    assert (lane.node, lane.environment, lane.vantage, minute, counts) == (REVIEWS, "prod", SPAN_SERVER_APP, 8, [1, 0])
    assert not cells.edges


def counted(outcome: Outcome, adjusted: float | None) -> Cell:
    """Return what two calls of 10 and 30 ms add."""
    cell = Cell()
    count_calls(cell, outcome, adjusted, [10 * MS, 30 * MS])
    return cell


def test_a_known_weight_corrects_requests_and_failures_and_says_how_far_off_they_may_be() -> None:
    cell = counted(Outcome(failed=1), 4.0)

    # Two calls for four each: 8 requests, 8 failures, and a variance of 2 * 4 * 3.
    assert (cell.requests, cell.failed, cell.weight_unknown) == (2, 2, 0)
    assert (cell.weighted_requests, cell.weighted_failed, cell.weight_spread) == (8, 8, 24)


def test_an_unknown_weight_corrects_nothing() -> None:
    cell = counted(Outcome(), None)

    assert (cell.requests, cell.weight_unknown, cell.weighted_requests) == (2, 2, 0)


def test_an_aborted_call_has_no_latency() -> None:
    aborted, answered = counted(Outcome(aborted=1), 1.0), counted(Outcome(client_error=1, throttled=1), 1.0)

    assert (aborted.aborted, aborted.latency, aborted.latency_sum_ms) == (2, {}, 0)
    assert (answered.client_errors, answered.throttled, sum(answered.latency.values())) == (2, 2, 2)
    assert (answered.latency_sum_ms, answered.latency_min_ms, answered.latency_max_ms) == (40, 10, 30)
