"""The matrix: who calls whom as cells, in the order of the map."""

from itertools import pairwise

import pytest

from dashboards.topology.asked import Asked
from dashboards.topology.drawing.items import Looks
from dashboards.topology.drawing.links import Links
from dashboards.topology.drawing.matrix import LEFT, MOST_LINKS, SIDE, TOP, Matrix, matrix
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Scope
from tests.dashboards.topology.looking import calls, mark, page, texts
from tests.dashboards.topology.meshes import MARKS, filters_of, whole_of_size


def drawn(services: int, sel: str = "") -> Matrix:
    found = whole_of_size(services)
    looks = Looks(Standing(MARKS, found), Links(filters_of(found)), sel)
    return matrix(found, looks, Asked("15m", found.start, found.end, Scope(), sel=sel))


@pytest.mark.parametrize("services", [12, 60, 300])
def test_every_call_is_a_cell(services: int) -> None:
    found = drawn(services)

    assert len(found.dots) + found.more_count == found.total
    assert found.total == len([arc for arc in whole_of_size(services).arcs if not arc.is_gone])


@pytest.mark.parametrize("services", [12, 300])
def test_cells_are_in_the_square(services: int) -> None:
    for dot in drawn(services).dots:
        assert LEFT - 6 <= dot.x <= LEFT + SIDE
        assert TOP - 6 <= dot.y <= TOP + SIDE


def test_a_caller_has_one_row_and_what_it_calls_one_column() -> None:
    found = drawn(12)

    assert {dot.client: dot.row for dot in found.dots} == {dot.client: dot.row for dot in reversed(found.dots)}
    assert {dot.server: dot.column for dot in found.dots} == {dot.server: dot.column for dot in reversed(found.dots)}


def test_calls_down_the_tiers_are_above_the_diagonal() -> None:
    found = drawn(60)

    assert [dot.label for dot in found.dots if dot.column <= dot.row and "istio-ingress" in dot.label] == []
    assert found.backwards == 0


def test_no_more_calls_are_links_than_somebody_can_step_through() -> None:
    found = drawn(1000)

    assert len(found.dots) == MOST_LINKS
    assert found.more.count("Z") == found.more_count > 0
    assert len([dot for dot in found.dots if "bad" in dot.css.split()]) == 3


def test_the_worst_call_is_pointed_at_and_the_selected_one_rather_than_it() -> None:
    worst = drawn(300).cross
    healthy = next(dot for dot in drawn(300).dots if "ok" in dot.css.split())
    selected = drawn(300, sel=healthy.id).cross

    assert worst is not None
    assert worst.said == "permits-review → documents-store 6.1 % · 412 ms"
    assert selected is not None
    assert selected.said.startswith(healthy.label.split(",")[0])


def test_names_of_groups_keep_off_each_other() -> None:
    heights = [band.label_y for band in drawn(300).bands]

    assert all(below - above >= 12.99 for above, below in pairwise(heights))


def test_few_services_have_their_names_at_their_rows() -> None:
    assert len(drawn(12).names) == 12
    assert drawn(300).names == []


def test_the_busiest_called_groups_are_named_with_their_rates() -> None:
    bars = drawn(12).busiest

    # permits-rules asks the only database 398 times a second, documents 12 times.
    assert (bars[0].name, round(bars[0].rate), bars[0].percent) == ("portal", 1760, 100.0)
    assert {bar.name: round(bar.rate) for bar in bars}["data stores"] == 410


@pytest.mark.usefixtures("traffic")
def test_the_page_explains_how_to_read_it() -> None:
    calls("gate", "ledger", failed=30)
    calls("ledger", "search")
    mark("error_rate", 0.01)

    text = page("?view=matrix")

    assert "Callers in rows, called in columns" in text
    assert texts(text, r'<a class="dot (\w+)') == ["bad", "ok"]
    assert 'data-row="0" data-column="1"' in text
    assert "matrix" in " ".join(texts(text, r'<script src="([^"]*)"'))


@pytest.mark.usefixtures("traffic")
def test_without_calls_there_is_an_empty_matrix() -> None:
    calls("gate", "ledger", minutes_ago=60)

    assert 'id="matrix"' in page("?view=matrix")
