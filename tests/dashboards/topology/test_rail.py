"""The time rail: the last hours with their deployments, and links to any of their minutes."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.dashboards import builders
from tests.dashboards.topology.looking import calls, clock, now, page

pytestmark = pytest.mark.usefixtures("traffic")

MINUTE = timedelta(minutes=1)


def rail(query: str = "") -> str:
    return page(query).partition('id="rail"')[2].partition("</nav>")[0]


def written(moment: datetime) -> str:
    return moment.replace(second=0, microsecond=0).isoformat().replace("+00:00", "Z")


def number(markup: str, name: str) -> int:
    found = re.search(rf'data-{name}="(\d+)"', markup)
    assert found is not None
    return int(found[1])


def test_it_is_three_hours_long_and_ends_now() -> None:
    calls("gate", "ledger")

    markup = rail()

    start, end = number(markup, "start"), number(markup, "end")
    assert end - start == 3 * 3600
    assert 0 <= end - now().timestamp() <= 60
    assert len(re.findall(r'class="tick', markup)) in (12, 13)
    assert 'class="live" href="?" aria-current="true"' in markup


@pytest.mark.parametrize(
    ("fields", "lasted", "css", "word"),
    [
        ({"failed": False, "kind": "rollback"}, MINUTE, "held", "held"),
        ({"failed": False}, MINUTE, "held", "held"),
        # An hour has not passed, and no other followed.
        ({"failed": False}, 40 * MINUTE, "undecided", "watched"),
        ({"failed": True}, MINUTE, "failed", "failed"),
        ({"failed": None}, MINUTE, "undecided", "undecided"),
        ({"status": "running"}, None, "running", "rolling out"),
    ],
)
def test_a_deployment_is_told_by_shape_and_words_and_leads_to_its_page(
    fields: dict[str, Any], lasted: timedelta | None, css: str, word: str
) -> None:
    began = now() - 90 * MINUTE
    ended = None if lasted is None else began + lasted
    one = builders.deployment(version="v2.14.0", started_at=began, finished_at=ended, **fields)

    markup = rail()

    (sign,) = re.findall(r'<a href="(/deployments/[^"]*)" class="sign (\w+)"[^>]*aria-label="([^"]*)"', markup)
    assert sign == (f"/deployments/{one.pk}/", css, f"ledger v2.14.0, {word}, {clock(began)}")
    assert ("<path d=" in markup.partition('class="sign')[2]) == (css == "failed")
    (x,) = re.findall(r'<svg x="([\d.]+)%" y="15.5"', markup)
    assert float(x) == pytest.approx(50, abs=0.6)


def test_a_moment_in_the_address_is_the_end_of_the_window() -> None:
    calls("gate", "ledger", minutes_ago=60)
    calls("ledger", "vault")
    end = (now() - 50 * MINUTE).replace(second=0, microsecond=0)

    text = page(f"?view=list&at={written(end)}")

    assert number(text.partition('id="rail"')[2], "head") == int(end.timestamp())
    assert "gate" in text
    assert "vault" not in text.partition('id="list"')[2].partition("</table>")[0]


def test_a_moment_before_the_rail_is_brought_into_its_middle() -> None:
    calls("gate", "ledger")
    end = (now() - 600 * MINUTE).replace(second=0, microsecond=0)

    markup = rail(f"?at={written(end)}")

    start, stop = number(markup, "start"), number(markup, "end")
    assert start < number(markup, "begin") < number(markup, "head") < stop
    assert 'aria-current="true"' not in markup.partition('class="live"')[2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("yesterday", "The moment is not understood"),
        ("2020-01-01T00:00:00Z", "Minutes are kept for two days; shown is the earliest window there is."),
    ],
)
def test_a_moment_that_cannot_be_shown_is_told(given: str, said: str) -> None:
    calls("gate", "ledger")

    assert said in page(f"?at={given}")


def test_a_moment_to_come_is_now() -> None:
    calls("gate", "ledger")

    assert number(rail(f"?at={written(now() + 60 * MINUTE)}"), "head") <= now().timestamp() + 1


def test_links_keep_what_else_the_address_says() -> None:
    calls("gate", "ledger")

    markup = rail("?window=1h&find=x")

    ticks = re.findall(r'<a href="(\?[^"]*)" class="tick', markup)
    assert ticks
    assert all("window=1h&amp;find=x&amp;at=" in href for href in ticks)
