"""Latency as it is shown: from the fine sketch where it holds enough, else from the source's own histogram."""

import pytest

from plimsoll.insight.sketch import bucket_of
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane
from tests.insight.traffic import FRONTEND, REVIEWS, calls, edge_rows

pytestmark = pytest.mark.django_db


def measured(fine: int, coarse: int = 100) -> Cells:
    """Return calls of which some are known to take 20 ms, and others to lie between 10 and 100 ms."""
    cells = Cells()
    calls(cells, requests=fine + coarse).add_latency({bucket_of(20.0): fine}, 20.0 * fine, None, None)
    if coarse:
        ((lane, minute, _),) = cells.edges
        assert lane == Lane("", FRONTEND, REVIEWS, "http", METRIC_CLIENT)
        cells.cell(lane, minute, (10.0, 100.0)).add_latency({1: coarse}, 50.0 * coarse, None, None)
    return cells


def test_thirty_observations_of_the_fine_sketch_are_enough() -> None:
    (row,) = edge_rows(measured(fine=30))

    assert row.latency_exact is True
    assert row.p50_ms == row.p99_ms == pytest.approx(20, rel=0.02)


def test_below_thirty_the_histogram_of_the_source_is_shown() -> None:
    (row,) = edge_rows(measured(fine=29))

    # Of 100 that lie evenly between 10 and 100 ms the 50th is at 55, the 95th at 95.5 ms.
    assert row.latency_exact is False
    assert row.p50_ms == pytest.approx(55)
    assert row.p95_ms == pytest.approx(95.5)


def test_a_few_observations_are_better_than_none() -> None:
    (row,) = edge_rows(measured(fine=1, coarse=0))

    assert row.latency_exact is True
    assert row.p50_ms == pytest.approx(20, rel=0.02)
