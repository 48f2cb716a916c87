"""The blast radius: who calls what is in trouble, and which share of their requests passes there at most."""

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.topology.blast import Flow, Radius, Served, radius_of_edge, radius_of_node


def flows(*calls: tuple[str, float]) -> list[Flow]:
    """Edges from texts such as `a>b`, with their requests; the text is the edge's id."""
    return [Flow(text, text.split(">")[0], text.split(">")[1], requests) for text, requests in calls]


def served(**requests: float) -> dict[str, Served]:
    return {node: Served(n) for node, n in requests.items()}


def shares(radius: Radius) -> dict[str, float | None]:
    return {reach.node: reach.share for reach in radius.callers}


def test_on_one_path_the_shares_multiply() -> None:
    graph = flows(("portal>permits", 50), ("permits>documents", 10))

    radius = radius_of_node(graph, served(portal=200, permits=40), "documents")

    # A quarter of the permits' requests ask for documents, and a quarter of the portal's ask for permits.
    assert shares(radius) == {"permits": 0.25, "portal": 0.0625}
    assert [(reach.node, reach.calls_away) for reach in radius.callers] == [("permits", 1), ("portal", 2)]
    assert radius.edges == {"portal>permits", "permits>documents"}


def test_over_two_paths_the_shares_add_up() -> None:
    graph = flows(("a>b", 30), ("a>c", 50), ("b>t", 30), ("c>t", 25))

    # 30 of 100 pass through b, and half of the 50 through c.
    assert shares(radius_of_node(graph, served(a=100, b=30, c=50), "t"))["a"] == pytest.approx(0.55)


def test_a_request_that_calls_twice_is_one_request() -> None:
    assert shares(radius_of_node(flows(("a>t", 300)), served(a=100), "t")) == {"a": 1.0}


def test_who_is_not_seen_to_be_called_serves_what_it_calls() -> None:
    assert shares(radius_of_node(flows(("job>t", 30), ("job>other", 90)), {}, "t")) == {"job": 0.25}


def test_of_an_edge_only_its_own_caller_is_reached_and_who_calls_that() -> None:
    graph = flows(("a>b", 10), ("b>t", 10), ("c>t", 10))

    radius = radius_of_edge(graph, served(a=10, b=20, c=10), "b>t")

    assert shares(radius) == {"b": 0.5, "a": 0.5}


def test_a_way_round_adds_nothing_by_itself() -> None:
    # Half of b's 20 requests come from a, half from c; b asks c, and c asks b again, but nobody on the way asks t
    # except b in a quarter of its requests.
    graph = flows(("a>b", 10), ("b>c", 10), ("c>b", 10), ("b>t", 5))

    found = shares(radius_of_node(graph, served(a=10, b=20, c=10), "t"))

    # share(b) = 1/4 + 1/2 share(c), share(c) = share(b): a half.
    assert found == {"b": pytest.approx(0.5), "c": pytest.approx(0.5), "a": pytest.approx(0.5)}


def test_a_node_that_calls_itself_is_not_its_own_caller() -> None:
    assert radius_of_node(flows(("t>t", 5)), served(t=5), "t").callers == ()


def test_a_node_in_a_circle_with_the_target_is_a_caller_and_the_target_is_none() -> None:
    assert shares(radius_of_node(flows(("t>a", 5), ("a>t", 5)), served(t=10, a=5), "t")) == {"a": 1.0}


def test_a_sample_beside_a_whole_count_makes_the_share_unknown_for_all_who_come_through_there() -> None:
    graph = [*flows(("a>b", 10), ("a>c", 10), ("x>c", 10), ("c>t", 10)), Flow("b>t", "b", "t", 10, is_whole=False)]

    found = shares(radius_of_node(graph, served(a=20, b=10, c=20, x=10), "t"))

    assert found == {"a": None, "b": None, "c": 0.5, "x": 0.5}


def test_two_samples_are_alike() -> None:
    graph = [Flow("b>t", "b", "t", 5, is_whole=False)]

    assert shares(radius_of_node(graph, {"b": Served(10, is_whole=False)}, "t")) == {"b": 0.5}


def test_nobody_calls_what_is_not_there() -> None:
    assert radius_of_node(flows(("a>b", 1)), {}, "gone").callers == ()
    assert radius_of_edge(flows(("a>b", 1)), {}, "b>c").callers == ()


NODES = st.sampled_from("abcdefg")
CALLS = st.floats(min_value=0, max_value=1e6)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Flow], dict[str, Served]]:
    ends = draw(st.lists(st.tuples(NODES, NODES), max_size=24, unique=True))
    found = [Flow(f"{a}>{b}", a, b, draw(CALLS), draw(st.booleans()) if draw(st.booleans()) else True) for a, b in ends]
    return found, {node: Served(draw(CALLS)) for node in draw(st.lists(NODES, unique=True))}


@given(graphs(), NODES, st.randoms(use_true_random=False))
def test_a_share_is_one_and_does_not_depend_on_the_order_or_on_repeats(
    graph: tuple[list[Flow], dict[str, Served]], target: str, random: Random
) -> None:
    found, requests = graph
    mixed = [*found, *found[:3]]
    random.shuffle(mixed)

    radius = radius_of_node(found, requests, target)

    assert all(reach.share is None or 0.0 <= reach.share <= 1.0 for reach in radius.callers)
    assert target not in radius.nodes
    assert radius_of_node(mixed, requests, target) == radius


@given(graphs(), NODES)
def test_every_caller_has_a_neighbour_that_is_one_call_nearer(
    graph: tuple[list[Flow], dict[str, Served]], target: str
) -> None:
    found, requests = graph
    away = {reach.node: reach.calls_away for reach in radius_of_node(found, requests, target).callers}

    for node, calls_away in away.items():
        nearer = [
            0 if flow.server == target else away.get(flow.server, inf)
            for flow in found
            if flow.client == node and flow.server != node and flow.requests > 0
        ]
        assert min(nearer) == calls_away - 1
