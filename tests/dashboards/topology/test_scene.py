"""The map as a drawing: as much detail as there is room for, and nothing on top of anything else."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from sys import getrefcount
from typing import Any

import pytest
from django.utils.translation import override

from dashboards.topology.asked import Asked
from dashboards.topology.drawing import remembered
from dashboards.topology.drawing.labels import Rect
from dashboards.topology.drawing.shapes import Scene
from dashboards.topology.statuses import Standing, standing
from plimsoll.insight.topology import Scope
from plimsoll.store.marks import Marks
from tests.dashboards.topology.meshes import MARKS, drawn, filters_of, whole_of_size

SIZES = [12, 60, 300, 1600]


def box(outline: str) -> Rect:
    """The rectangle around a path of absolute and relative steps, as far as boxes need it."""
    x = y = 0.0
    xs, ys = [], []
    for letter, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", outline):
        values = [float(value) for value in re.findall(r"-?\d+\.?\d*", numbers)]
        if letter in "ML":
            x, y = values
        elif letter in "Hh":
            x = values[0] + (x if letter == "h" else 0)
        elif letter in "Vv":
            y = values[0] + (y if letter == "v" else 0)
        elif letter in "Aa":
            x, y = (values[-2] + (x if letter == "a" else 0), values[-1] + (y if letter == "a" else 0))
        xs.append(x)
        ys.append(y)
    return Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def links(scene: Scene) -> int:
    return len(scene.nodes) + len(scene.lines) + sum(len(node.cells) for node in scene.nodes)


@pytest.mark.parametrize(
    ("services", "level"), [(12, "full"), (60, "names"), (100, "names"), (300, "groups"), (1600, "boxes")]
)
def test_the_more_services_the_less_detail(services: int, level: str) -> None:
    assert drawn(services).level == level


def test_few_services_show_their_figures() -> None:
    details = {node.title: node.detail for node in drawn(12).nodes}

    assert details["documents"] == "41/s · 6.1 % · 412 ms"
    assert details["identity"] == "1.6k/s · 0.0 % · 24 ms"


@pytest.mark.parametrize("services", SIZES)
def test_boxes_never_overlap(services: int) -> None:
    boxes = [box(node.outline) for node in drawn(services).nodes]

    assert [pair for pair in combinations(boxes, 2) if overlap(*pair)] == []


@pytest.mark.parametrize("services", SIZES)
def test_labels_overlap_neither_boxes_nor_each_other(services: int) -> None:
    scene = drawn(services)
    boxes = [box(node.outline) for node in scene.nodes]
    pills = [line.pill.rect for line in scene.lines if line.pill]

    assert pills
    assert [pair for pair in combinations(pills, 2) if overlap(*pair)] == []
    assert [pill for pill in pills if any(overlap(pill, each) for each in boxes)] == []


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.w and other.x < one.x + one.w and one.y < other.y + other.h and other.y < one.y + one.h
    )


@pytest.mark.parametrize("services", [*SIZES, 2000])
def test_there_are_at_most_six_hundred_links(services: int) -> None:
    assert links(drawn(services)) <= 600


@pytest.mark.parametrize("services", SIZES)
def test_everything_is_inside_the_drawing(services: int) -> None:
    scene = drawn(services)

    for node in scene.nodes:
        rect = box(node.outline)
        assert rect.x >= 0
        assert rect.x + rect.w <= scene.width
        assert rect.y >= 26
        assert rect.y + rect.h <= scene.height


def test_headings_count_the_services_below_them() -> None:
    assert [(str(head.title), head.count) for head in drawn(12).headings] == [
        ("Ingress", 1),
        ("Entry", 2),
        ("Domain", 3),
        ("Shared", 3),
        ("Stores and outside", 3),
    ]
    assert sum(head.count for head in drawn(300).headings) == 300


def test_edges_at_or_over_a_mark_are_labelled_at_rest_and_no_others_but_new_ones() -> None:
    labelled = {line.said: line.arrow for line in drawn(12).lines if line.pill}

    assert labelled == {
        "4.6 % · 448 ms": "bad",
        "6.1 % · 412 ms": "bad",
        "0.9 % · 290 ms": "warn",
        "0.9 % · 300 ms": "warn",
        "0.9 % · 240 ms": "warn",
        "new 12/s": "new",
    }


def test_without_marks_nothing_is_said_to_be_well() -> None:
    scene = drawn(12, marks=Marks())

    assert {node.css.split()[1] for node in scene.nodes} == {"unk"}
    assert {line.css.split()[1] for line in scene.lines} == {"unk"}


def test_the_worst_edges_are_drawn_last_so_that_they_are_on_top() -> None:
    assert [line.arrow for line in drawn(60).lines][-3:] == ["bad", "bad", "bad"]


def test_what_is_over_its_mark_is_reached_by_the_tab_key_before_anything_else() -> None:
    scene = drawn(60)

    assert {line.arrow for line in scene.lines if line.in_order} == {"bad", "warn"}


def test_stores_topics_gateways_and_outside_hosts_have_outlines_of_their_own() -> None:
    by_kind = {node.title: re.sub(r"[\d. -]+", "", node.outline) for node in drawn(12).nodes}

    names = ["istio-ingress", "citizen-portal", "pg-permits", "notify"]
    assert len({by_kind[name] for name in names}) == 4
    assert next(node.css for node in drawn(12).nodes if node.title.startswith("bank")).split()[2] == "k-external"


def test_a_wide_edge_has_many_requests() -> None:
    widths = {line.data: line.width for line in drawn(12).lines}

    # 0.8 + 0.75 log10(1120)
    assert max(widths.values()) == pytest.approx(3.09, abs=0.01)
    assert min(widths.values()) == pytest.approx(0.8 + 0.75 * 1.079, abs=0.01)


def test_hundreds_of_services_are_cells_in_the_box_of_their_group() -> None:
    scene = drawn(300)
    payments = next(node for node in scene.nodes if node.title == "payments")

    assert int(payments.count) == len(payments.cells)
    assert sum(len(node.cells) for node in scene.nodes) == 300
    assert [cell.label for node in scene.nodes for cell in node.cells if "idle" in cell.css.split()] != []


def test_edges_between_groups_are_sums_with_what_is_over_its_mark_on_top() -> None:
    scene = drawn(300)
    sums = [line for line in scene.lines if line.id.startswith("h-")]
    trouble = [line for line in scene.lines if line.id.startswith("e-") and line.arrow == "bad"]

    assert len(sums) > 50
    assert sorted(line.said for line in trouble) == ["4.6 % · 448 ms", "5.8 % · 390 ms", "6.1 % · 412 ms"]


def test_above_fifteen_hundred_services_boxes_have_no_cells() -> None:
    assert [node for node in drawn(1600).nodes if node.cells or node.more_cells] == []


def test_cells_that_are_too_many_for_links_are_still_drawn() -> None:
    scene = drawn(1000)
    linked = sum(len(node.cells) for node in scene.nodes)
    merged = sum(node.more_cells.count("Z") for node in scene.nodes)

    assert linked + merged == 1000
    assert merged > 0


def test_a_group_that_is_open_shows_its_services_with_its_neighbours_as_stubs() -> None:
    scene = drawn(300, open=("permits",))
    services = [node for node in scene.nodes if node.id.startswith("n-")]
    stubs = {node.title: node.css for node in scene.nodes if node.id.startswith("g-")}

    assert len(services) == 23
    assert "portal" in stubs
    assert "data stores" in stubs
    assert all("stub" in css.split() for css in stubs.values())
    assert [str(head.title) for head in scene.headings] == ["Callers", "permits", "Called"]


def test_a_group_that_is_not_there_opens_nothing() -> None:
    assert drawn(300, open=("nobody",)).level == "groups"


def test_a_drawing_keeps_its_places() -> None:
    first = drawn(60)
    places = {key: (c, n) for c, column in enumerate(first.columns) for n, key in enumerate(column)}

    again = drawn(60, kept=places)

    assert [(node.id, node.outline) for node in again.nodes] == [(node.id, node.outline) for node in first.nodes]


def test_what_is_over_its_mark_finds_room_for_its_label_even_between_narrow_columns() -> None:
    said = {line.said for line in drawn(60).lines if line.pill}

    assert {"4.6 % · 448 ms", "6.1 % · 412 ms", "5.8 % · 390 ms"} <= said


def test_in_a_comparison_edges_say_what_became_of_them() -> None:
    edge = drawn(12).lines[0].data

    scene = drawn(12, changes={edge: "slower"})

    css = {line.data: line.css.split() for line in scene.lines}
    assert "slower" in css.pop(edge)
    assert all("same" in others for others in css.values())


def test_services_of_an_open_group_show_names_alone_where_figures_would_not_fit() -> None:
    many, few = drawn(300, open=("permits",)), drawn(300, open=("ingress",))

    assert {node.detail for node in many.nodes} == {""}
    assert any(node.detail for node in few.nodes)
    assert many.height <= 692


def test_what_a_view_adds_to_the_remembered_map_is_judged_and_not_kept() -> None:
    found = whole_of_size(12)
    slow = replace(found.arcs[0], p95_ms=351.0)
    stands = standing(MARKS, found).of(replace(found, arcs=(slow,)))
    held = getrefcount(slow)

    assert (stands.arc(slow), getrefcount(slow)) == ("bad", held)


def test_a_drawing_is_made_again_when_anything_that_it_depends_on_is_another() -> None:
    found = whole_of_size(12)
    asked, filters = Asked("15m", found.start, found.end, Scope()), filters_of(found)

    def drawing(kind: str = "scene", marks: Marks = MARKS, language: str = "en", **others: Any) -> object:
        given = {"found": found, "asked": asked, "filters": filters, **others}
        with override(language):
            return getattr(remembered, kind)(standing=Standing(marks, given["found"]), **given)

    both: list[dict[str, Any]] = [
        {"found": replace(found, arcs=found.arcs[1:])},
        {"found": found.until(found.end - timedelta(minutes=1))},
        {"marks": Marks()},
        {"asked": replace(asked, sel="n-1")},
        {"filters": replace(filters, parameters=(("env", "staging"),))},
        {"language": "zh-hans"},
    ]
    of_maps: list[dict[str, Any]] = [{"kept": {"1": (0, 0)}}, {"changes": {}}]

    for kind, others in [*product(("scene", "matrix"), both), *product(("scene",), of_maps)]:
        # Few are remembered: this one has to be among them when the other is drawn.
        remembered._last.clear()
        same = drawing(kind)
        assert drawing(kind, marks=Marks(dict(MARKS.values)), asked=replace(asked)) is same
        assert drawing(kind, **others) is not same, (kind, others)
        assert drawing(kind) is same, "it was remembered all the while"


def test_only_the_last_few_drawings_are_remembered() -> None:
    found = whole_of_size(12)

    def drawing(n: int = 0) -> Scene:
        asked = Asked("15m", found.start, found.end, Scope(), sel=f"n-{n}")
        return remembered.scene(found, Standing(MARKS, found), asked, filters_of(found))

    first = drawing()
    again = [drawing() for n in range(4)]
    others = [drawing(n) for n in range(1, 5)]

    assert all(each is first for each in again)
    assert drawing(4) is others[-1]
    assert drawing() is not first
