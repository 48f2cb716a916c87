"""Envoy's statistics, from captures of Envoy itself through a real database."""

import random
from typing import Any

import pytest

from ingest.otlp.metrics import metrics
from ingest.otlp.points import apply_points
from plimsoll.store.cells import Cells, Ref
from plimsoll.store.connections import opened
from tests.ingest.mesh.metric_builders import CAPTURED_NS, CONTEXT, capture, expected, single_points, totals

DEFAULT_TAGS = "metrics-default-tags.json"
ISTIO_TAGS = "metrics-istio-tags.json"


def _written(bodies: list[bytes], group: int) -> Cells:
    """Return what requests add when they are written in groups."""
    cells = Cells()
    with opened() as connection:
        for at in range(0, len(bodies), group):
            effects = [metrics(body, "test", CONTEXT, CAPTURED_NS) for body in bodies[at : at + group]]
            with connection.transaction():
                apply_points(connection, [point for effect in effects for point in effect.points], cells)
    return cells


def _edges(cells: Cells) -> dict[tuple[str, str], dict[str, float]]:
    """Return edges in the words of the expected ones; errors_5xx stands for failed."""
    edges = {}
    for lane, counters in totals(cells).items():
        is_tcp = lane.protocol == "tcp"
        edge = {
            "connections" if is_tcp else "logical": counters.get("requests", 0.0),
            "attempts": counters.get("attempts", 0.0),
            "connect_fail": counters.get("unreached", 0.0),
            "errors_5xx": counters.get("failed", 0.0),
        }
        edges[_name(lane.client), _name(lane.server)] = edge
    return edges


def _name(ref: Ref) -> str:
    return f"external:{ref.name}" if ref.kind == "external" else f"{ref.namespace}/{ref.name}"


def _agrees(cells: Cells, truth: list[dict[str, Any]]) -> None:
    found = _edges(cells)
    counts = {
        (edge["client"], edge["server"].partition(":")[0] if "/" in edge["server"] else edge["server"]): edge
        for edge in truth
    }
    assert found.keys() == counts.keys()
    for key, edge in counts.items():
        for counter in found[key].keys() & edge.keys():
            assert found[key][counter] == edge[counter], (key, counter)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [DEFAULT_TAGS, ISTIO_TAGS])
def test_a_capture_gives_the_edges_that_are_known_of_it(name: str) -> None:
    body = capture(name).SerializeToString()

    _agrees(_written([body], 1), expected(name))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [DEFAULT_TAGS, ISTIO_TAGS])
@pytest.mark.parametrize("seed", [1, 2])
def test_neither_order_nor_split_nor_repetition_of_points_matters(name: str, seed: int) -> None:
    bodies = single_points(capture(name)) * 2
    random.Random(seed).shuffle(bodies)

    _agrees(_written(bodies, 97), expected(name))
