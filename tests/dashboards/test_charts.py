"""Charts say the same in SVG, in plotly's figure, in a table and in words."""

import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboards.charts.bars import Bar, Tick, bars, some, ticks_for
from dashboards.charts.delivery import smoothed
from dashboards.charts.drawing import drawing, label, level_line
from dashboards.charts.hours import grid, hours, shade, summary
from dashboards.charts.level import Level


def test_labels_from_outside_are_no_markup_for_plotly() -> None:
    assert label("<b>a & b</b>") == "&lt;b&gt;a &amp; b&lt;/b&gt;"


def test_a_figure_cannot_end_the_script_that_carries_it() -> None:
    written = drawing([{"type": "bar", "x": ["2026-11-01"], "y": [1], "text": ["</script><script>alert(1)"]}])

    assert "</script" not in written
    assert json.loads(written)["data"][0]["text"] == ["</script><script>alert(1)"]


def test_a_figure_is_checked_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="Invalid property"):
        drawing([{"type": "bar", "colour": "red"}])


def test_colours_are_tokens() -> None:
    written = drawing([{"type": "bar", "x": [1], "y": [1], "marker": {"color": "var(--info)"}}])

    assert json.loads(written)["data"][0]["marker"]["color"] == "var(--info)"
    assert not re.search(r"#[0-9a-fA-F]{6}", written)


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (10, [0, 2.5, 5, 7.5, 10]),
        (11, [0, 5, 10, 15]),
        (17.3, [0, 5, 10, 15, 20]),
    ],
)
def test_the_grid_has_round_values_that_reach_the_highest(top: float, expected: list[float]) -> None:
    assert ticks_for(top) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("top", "expected"), [(1, [0, 1]), (3, [0, 1, 2, 3]), (10, [0, 5, 10]), (17, [0, 5, 10, 15, 20])]
)
def test_what_is_counted_has_a_grid_of_whole_numbers(top: float, expected: list[float]) -> None:
    assert ticks_for(top, whole=True) == expected


def test_a_bar_is_a_link_with_its_words_and_nothing_is_no_bar() -> None:
    drawn = bars(
        [Bar("1 Nov", 5.0, "1 Nov: 5 <b>", "?on=2026-11-01"), Bar("2 Nov", None, "unknown"), Bar("3 Nov", 0.0, "none")],
        [Tick(0, "0"), Tick(10, "10")],
    )

    assert drawn.count("<rect") == 1
    assert 'href="?on=2026-11-01"' in drawn
    assert "<title>1 Nov: 5 &lt;b&gt;</title>" in drawn


def test_a_bar_is_as_high_as_its_value() -> None:
    drawn = bars([Bar("a", 10.0, ""), Bar("b", 5.0, "")], [Tick(0, "0"), Tick(10, "10")])

    full, half = (float(height) for height in re.findall(r'<rect[^>]* height="([\d.]+)"', drawn))
    assert full == pytest.approx(2 * half, abs=0.2)


def test_a_failure_stands_on_the_axis_or_on_its_bar_and_inside_the_chart() -> None:
    bar, ticks = Bar("a", 10.0, ""), [Tick(0, "0"), Tick(10, "10")]
    drawn = bars([bar], ticks, dots=[(0.2, Bar("", 0.0, "failed")), (0.8, Bar("", 10.0, "failed"))])

    (top,) = (float(y) for y in re.findall(r'<rect[^>]* y="([\d.]+)"', drawn))
    (axis,) = (float(y) for y in re.findall(r'class="grid" d="M52 ([\d.]+)H', drawn)[:1])
    tips = [float(y) for y in re.findall(r'class="event [^"]*" d="M[\d.]+ ([\d.]+)l6 10.5h-12z"', drawn)]
    assert [axis, top] == pytest.approx([tip + 12.5 for tip in tips])
    assert min(tips) > 0


@pytest.mark.parametrize("name", ["350 ms", "≤ 5.0 min", "≤ 5.0 分钟"])
def test_a_mark_is_named_right_of_what_is_drawn_and_inside_the_chart(name: str) -> None:
    shown = bars([Bar("a", 10.0, ""), Bar("b", 9.0, "")], [Tick(0, "0"), Tick(10, "10")], mark=Level(9.0, name))

    ends = [float(x) + float(width) for x, width in re.findall(r'<rect[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"', shown)]
    (at,) = (float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]*>' + name, shown))
    assert max(ends) < at < 640 - 6 * len(name)

    layout = level_line(Level(9.0, name), 10.4)
    (named,) = layout["annotations"]
    assert (named["x"], named["xanchor"]) == (1, "left")
    # Figures and an m are wider than other letters: 46 px for the shortest of these.
    assert layout["margin"]["r"] > named["xshift"] + 7.7 * len(name)


def test_a_gap_in_the_line_stays_a_gap() -> None:
    line = [1.0, None, 2.0, 3.0]
    drawn = bars([Bar(str(n), 1.0, "") for n in range(4)], [Tick(0, "0"), Tick(10, "10")], line=line)

    (path,) = re.findall(r'class="median" d="([^"]+)"', drawn)
    assert (path.count("M"), path.count("L")) == (2, 1)


def test_an_axis_names_a_few_and_always_the_last() -> None:
    assert some(list(range(29))) == [3, 8, 13, 18, 23, 28]
    assert some([1, 2, 3]) == [1, 2, 3]
    assert some([]) == []


def test_the_median_of_seven_begins_with_the_seventh_and_skips_the_unknown() -> None:
    assert smoothed([1, 2, 3, None, 5, 6, 7, 100]) == [None] * 6 + [4, 5.5]
    assert smoothed([None] * 8) == [None] * 8


def test_hours_are_those_of_the_zone() -> None:
    # Sunday 23:30 in UTC is Monday 07:30 in Shanghai.
    moment = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)

    assert grid([moment], ZoneInfo("Asia/Shanghai")) == {(0, 7): 1}
    assert grid([moment], ZoneInfo("UTC")) == {(6, 23): 1}


def test_a_cell_is_as_dark_as_its_part_of_the_most() -> None:
    assert [shade(n, 8) for n in (0, 1, 2, 3, 8)] == [0, 1, 1, 2, 4]


def test_the_grid_has_a_cell_an_hour_and_says_when_most_happened() -> None:
    counts = grid([datetime(2026, 11, 10, 14, minute, tzinfo=UTC) for minute in (1, 2)], ZoneInfo("UTC"))

    drawn = hours(counts, lambda weekday, hour: f"?{weekday}-{hour}")

    assert drawn.count("<rect") == 7 * 24
    assert drawn.count("<a ") == 1
    assert '<a href="?1-14"><title>Tuesday 14:00: 2</title><rect' in drawn
    assert summary(counts) == "Most on Tuesday from 14:00: 2 of 2."
    assert summary(grid([], ZoneInfo("UTC"))) == "Nothing happened in this range."
