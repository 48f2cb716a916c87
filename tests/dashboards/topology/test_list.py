"""The list of calls: every figure, in any order, and what was left out."""

import pytest

from dashboards.topology.drawing import table
from tests.dashboards.topology.looking import calls, known_for, mark, page, rows, texts

pytestmark = pytest.mark.usefixtures("traffic")


def test_a_row_has_every_figure_of_a_call() -> None:
    calls("gate", "ledger", requests=900, failed=9)
    known_for(2)

    (row,) = rows(page("?view=list"))

    assert row[:6] == ["○ no mark", "gate", "ledger", "http", "aws-1", "900"]
    # 900 requests in a quarter of an hour.
    assert row[6:8] == ["1.0/s", "1.0 %"]
    assert row[8:11] == ["100 ms", "100 ms", "100 ms"]


def test_the_caption_says_how_many_and_over_how_long() -> None:
    calls("gate", "ledger")
    calls("gate", "identity")
    known_for(2)

    assert texts(page("?view=list"), r"<caption>(.*?)</caption>") == ["2 calls between two services in 15 min"]


def test_the_worst_come_first_and_then_the_busiest() -> None:
    calls("gate", "ledger", requests=50)
    calls("gate", "identity", requests=100, failed=50)
    calls("gate", "search", requests=70)
    mark("error_rate", 0.01)

    found = rows(page("?view=list"))

    assert [(row[0], row[2]) for row in found] == [
        ("▲ over the mark", "identity"),
        ("● on track", "search"),
        ("● on track", "ledger"),
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("server", ["identity", "ledger", "search"]),
        ("-server", ["search", "ledger", "identity"]),
        ("requests", ["ledger", "search", "identity"]),
        ("-requests", ["identity", "search", "ledger"]),
        ("-errors", ["identity", "search", "ledger"]),
        ("nonsense", ["identity", "search", "ledger"]),
    ],
)
def test_it_is_sorted_as_asked(sort: str, order: list[str]) -> None:
    calls("gate", "ledger", requests=50)
    calls("gate", "identity", requests=100, failed=50)
    calls("gate", "search", requests=70)

    assert [row[2] for row in rows(page(f"?view=list&sort={sort}"))] == order


def test_the_sorted_column_says_so_and_turns_round() -> None:
    calls("gate", "ledger")

    text = page("?view=list&sort=-p95")

    assert texts(text, r'<th[^>]*aria-sort="descending"[^>]*>(.*?)</th>') == ["P95 ▾"]
    assert 'href="?view=list&amp;sort=p95"' in text.replace("sort=p95&amp;view=list", "view=list&amp;sort=p95")


def test_a_long_list_says_which_part_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.topology.page.ROWS_A_PAGE", 2)
    for name in ("a", "b", "c"):
        calls("gate", name)

    first, last = page("?view=list&sort=server"), page("?view=list&sort=server&page=2")

    assert [row[2] for row in rows(first)] == ["a", "b"]
    assert [row[2] for row in rows(last)] == ["c"]
    assert "Rows 1 to 2, sorted by Called" in first
    assert "Rows 3 to 3, sorted by Called" in last
    assert "Page 2 of 2" in last


def test_what_is_selected_is_marked() -> None:
    calls("gate", "ledger")
    calls("gate", "identity")
    text = page("?view=list&sort=server")
    first, _ = texts(text, r'data-edge="([\d-]+)"')

    selected = page(f"?view=list&sort=server&sel=e-{first}")

    assert f'class="selected" aria-current="true" data-edge="{first}"' in selected


def test_calls_that_ended_before_the_window_are_gone_and_their_figures_unknown() -> None:
    calls("gate", "ledger", minutes_ago=20)
    calls("gate", "identity")

    gone = next(row for row in rows(page("?view=list")) if row[2] == "ledger")

    assert gone[0] == "gone"
    assert gone[6:9] == ["unknown", "unknown", "unknown"]


def test_every_column_can_be_sorted_by() -> None:
    assert set(table.COLUMNS) >= {"requests", "rate", "errors", "p50", "p95", "p99", "protocol", "clusters", "first"}
