"""Where things go on a map: columns, order, heights; the same every time, and staying where they were."""

from itertools import pairwise
from random import Random

import pytest

from plimsoll.insight.topology.layout import arranged, column_of, placed
from plimsoll.insight.topology.layout.placing import isotonic

INGRESS, ENTRY, DOMAIN, SHARED, OUTSIDE = range(5)


def columns(edges: str, fixed: dict[str, int] | None = None) -> dict[str, int]:
    """The column of each thing in `a>b b>c`."""
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    keys = sorted({end for pair in pairs for end in pair})
    found = arranged(keys, [(one, other) for one, other in pairs], fixed or {})
    return {key: place[0] for key, place in found.places.items()}


def mesh(size: int, seed: int = 1) -> tuple[list[str], list[tuple[str, str]]]:
    """A mesh of any shape, with cycles."""
    random = Random(seed)
    keys = [f"s{n:04}" for n in range(size)]
    return keys, [(random.choice(keys), random.choice(keys)) for _ in range(2 * size)]


def test_what_nobody_calls_is_an_entry_and_each_call_leads_one_column_on() -> None:
    assert columns("a>b b>c") == {"a": ENTRY, "b": DOMAIN, "c": SHARED}


def test_the_longest_way_decides() -> None:
    assert columns("a>c a>b b>c")["c"] == SHARED


def test_a_long_way_ends_with_what_is_shared() -> None:
    assert columns("a>b b>c c>d d>e")["e"] == SHARED


def test_what_a_gateway_calls_is_an_entry() -> None:
    assert columns("gate>a a>b", {"gate": INGRESS}) == {"gate": INGRESS, "a": ENTRY, "b": DOMAIN}


def test_a_cycle_is_broken_where_it_was_entered() -> None:
    assert columns("gate>a a>b b>a", {"gate": INGRESS}) == {"gate": INGRESS, "a": ENTRY, "b": DOMAIN}


def test_a_service_that_calls_itself_stands_where_it_would() -> None:
    assert columns("a>a a>b") == {"a": ENTRY, "b": DOMAIN}


def test_a_topics_consumer_is_not_pushed_behind_the_topic() -> None:
    assert columns("a>topic topic>b", {"topic": OUTSIDE}) == {"a": ENTRY, "topic": OUTSIDE, "b": ENTRY}


@pytest.mark.parametrize(
    ("kind", "tier", "column"),
    [
        ("gateway", "", INGRESS),
        ("service", "Entry", ENTRY),
        ("service", "domain", DOMAIN),
        ("service", "shared", SHARED),
        ("database", "", OUTSIDE),
        ("external", "domain", OUTSIDE),
        ("service", "", None),
        ("service", "tier-1", None),
    ],
)
def test_kinds_and_declared_tiers_have_their_column(kind: str, tier: str, column: int | None) -> None:
    assert column_of(kind, tier) == column


def test_things_stand_opposite_of_what_they_call() -> None:
    edges = [("a", "z"), ("b", "y"), ("c", "x")]

    found = arranged(list("abcxyz"), edges, {})

    assert found.columns == ((), ("a", "b", "c"), ("z", "y", "x"), (), ())


def test_a_mesh_is_laid_out_the_same_every_time() -> None:
    keys, edges = mesh(200)

    first, again = arranged(keys, edges, {}), arranged(keys, list(reversed(edges)), {})

    assert first == again
    assert sorted(key for column in first.columns for key in column) == keys


def test_what_is_known_stays_where_it_was_whatever_else_comes() -> None:
    keys, edges = mesh(80)
    before = arranged(keys, edges, {})
    more = [*keys, "x-new", "y-new"]
    after = arranged(more, [*edges, ("x-new", keys[3]), (keys[5], "y-new")], {}, before.places)

    without_new = tuple(tuple(key for key in column if not key.endswith("-new")) for column in after.columns)

    assert without_new == before.columns


def test_what_is_new_is_put_beside_what_it_is_connected_with() -> None:
    kept = {"a": (1, 0), "b": (1, 1), "x": (2, 0), "y": (2, 1)}

    found = arranged(["a", "b", "m", "x", "y"], [("a", "x"), ("b", "y"), ("a", "m")], {}, kept)

    assert found.columns[2] == ("x", "m", "y")


def test_what_has_gone_leaves_the_others_in_their_order() -> None:
    kept = {"a": (1, 0), "b": (1, 1), "c": (1, 2)}

    assert arranged(["a", "c"], [], {}, kept).columns[1] == ("a", "c")


def test_a_declared_tier_moves_even_what_is_known() -> None:
    assert arranged(["a"], [], {"a": SHARED}, {"a": (1, 0)}).columns[SHARED] == ("a",)


def test_places_that_cannot_be_are_left_out() -> None:
    assert arranged(["a"], [], {}, {"a": (7, 0)}).columns[ENTRY] == ("a",)


def heights(columns: list[list[str]], edges: list[tuple[str, str]], bottom: float = 100.0) -> dict[str, float]:
    """The middles of boxes that are 10 high and at least 2 apart, between 0 and the bottom."""
    return placed(columns, edges, {key: 10.0 for column in columns for key in column}, 2.0, (0.0, bottom))


def test_a_line_of_calls_is_straight() -> None:
    found = heights([["a"], ["b"], ["c"]], [("a", "b"), ("b", "c")])

    assert found == {"a": 50.0, "b": 50.0, "c": 50.0}


def test_boxes_keep_their_distance() -> None:
    found = heights([["a"], ["x", "y", "z"]], [("a", "x"), ("a", "y"), ("a", "z")])

    assert (found["x"], found["y"], found["z"]) == (38.0, 50.0, 62.0)


def test_boxes_stay_in_the_room_where_it_is_large_enough() -> None:
    found = heights([["a"], list("stuvwxyz")], [("a", key) for key in "stuvwxyz"])

    assert (min(found.values()), max(found.values())) == (8.0, 92.0)


def test_boxes_keep_their_distance_even_where_there_is_no_room() -> None:
    found = heights([[f"s{n}" for n in range(20)]], [])

    ordered = [found[f"s{n}"] for n in range(20)]
    assert {round(b - a, 6) for a, b in pairwise(ordered)} == {12.0}


@pytest.mark.parametrize("seed", range(5))
def test_nothing_overlaps_in_any_mesh(seed: int) -> None:
    keys, edges = mesh(60, seed)
    found = arranged(keys, edges, {})

    middles = placed(found.columns, edges, dict.fromkeys(keys, 25.0), 5.0, (0.0, 2000.0))

    for column in found.columns:
        ordered = [middles[key] for key in column]
        assert all(b - a >= 30.0 - 1e-6 for a, b in pairwise(ordered))


@pytest.mark.parametrize(
    ("values", "fitted"),
    [
        ([], []),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
        ([3.0, 1.0], [2.0, 2.0]),
        ([1.0, 5.0, 3.0, 4.0], [1.0, 4.0, 4.0, 4.0]),
    ],
)
def test_the_nearest_ascending_values_are_found(values: list[float], fitted: list[float]) -> None:
    assert isotonic(values) == fitted
