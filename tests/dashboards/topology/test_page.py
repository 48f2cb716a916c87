"""The page of the map: what it asks the store for, and what it says when there is nothing to see."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from dashboards.topology.asked import start_of
from plimsoll.insight.topology.vertices import Whole, seconds_of
from tests.dashboards import builders
from tests.dashboards.pages.looking import queries_of
from tests.dashboards.topology.looking import calls, known_for, page, rows, texts

pytestmark = pytest.mark.usefixtures("traffic")


def state(markup: str) -> list[str]:
    return texts(markup, r'<div class="state [^>]*>(.*?)</div>')


def test_without_any_telemetry_it_leads_to_the_setup() -> None:
    text = page()

    assert 'class="state not_connected"' in text
    assert "No telemetry yet." in text
    assert 'href="/setup/"' in text


def test_a_window_without_calls_is_a_known_zero_and_leads_to_the_last_ones() -> None:
    calls("gate", "ledger", minutes_ago=60 * 24)
    builders.calls("old", "older")  # months ago, so that nothing is remembered

    text = page("?namespace=nowhere")

    assert 'class="state empty"' in text
    assert "0 calls from" in text
    href = re.search(r'<a class="button[^"]*" href="([^"]*)">Show the last calls', text)
    assert href is not None
    assert "from=" in href[1]


def test_old_data_is_said_to_be_stale() -> None:
    calls("gate", "ledger", minutes_ago=12)

    assert "min ago)." in " ".join(state(page()))
    assert 'class="state stale"' in page()


def test_fresh_data_is_not() -> None:
    calls("gate", "ledger")

    # What is kept for later is not shown.
    shown = re.sub("<template.*?</template>", "", page("?view=list"), flags=re.DOTALL)
    assert 'class="state' not in shown


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?window=7m", "There is no window “7m”, but 15m, 1h, 6h, 24h."),
        ("?view=globe", "There is no view “globe”, but map, matrix, list."),
        ("?sel=zzz", "“zzz” is nothing that can be selected here."),
        ("?group=hair", "There is no group “hair”, but namespace, team, domain."),
        ("?from=2026-01-01&to=2026-01-09", "The map goes back two days at the most"),
        ("?env=nowhere", "There is no environment “nowhere”; it was left out."),
    ],
)
def test_what_cannot_be_asked_for_is_told(query: str, said: str) -> None:
    calls("gate", "ledger")

    assert said in page(query)


def test_a_wrong_selection_is_ignored() -> None:
    calls("gate", "ledger")

    assert 'aria-current="true" data-edge' not in page("?view=list&sel=%3Cscript%3E")


def test_an_hour_is_looked_at_when_asked_for() -> None:
    calls("gate", "ledger", requests=10)
    calls("gate", "ledger", requests=30, minutes_ago=40)
    known_for(3)

    assert [row[5] for row in rows(page("?view=list"))] == ["10"]
    assert [row[5] for row in rows(page("?view=list&window=1h"))] == ["40"]


@pytest.mark.parametrize("seconds", [0, 0.1, 20, 59])
def test_a_window_has_its_minutes_at_every_moment_of_the_one_that_runs(seconds: float) -> None:
    end = datetime(2026, 11, 24, 2, 30, tzinfo=UTC) + timedelta(seconds=seconds)

    start = start_of(end, timedelta(minutes=15))

    assert start == datetime(2026, 11, 24, 2, 15 if not seconds else 16, tzinfo=UTC)
    assert Whole(start, end, seconds_of(start, end, None)).minutes == 15


def test_environments_of_the_class_production_are_shown_unless_one_is_chosen() -> None:
    calls("gate", "ledger", environment="prod-eu")
    calls("gate", "identity", environment="staging")
    calls("gate", "search", environment="")

    assert {row[2] for row in rows(page("?view=list"))} == {"ledger", "search"}
    assert {row[2] for row in rows(page("?view=list&env=staging"))} == {"identity"}


def test_where_no_environment_is_production_all_are_shown_and_that_is_said() -> None:
    calls("gate", "ledger", environment="blue")

    text = page("?view=list")

    assert {row[2] for row in rows(text)} == {"ledger"}
    assert "No traffic says that it is production" in text


def test_a_namespace_narrows_the_map() -> None:
    calls("gate", "ledger", namespace="shop")
    calls("queue", "worker", namespace="jobs")

    assert {row[2] for row in rows(page("?view=list&namespace=jobs"))} == {"worker"}


def test_the_three_views_keep_what_is_asked_for() -> None:
    calls("gate", "ledger")

    tabs = texts(page("?window=1h"), r'<a href="(\?[^"]*view=[a-z]+[^"]*)"[^>]*>(?:Map|Matrix|List)</a>')

    assert tabs == ["?window=1h&view=map", "?window=1h&view=matrix", "?window=1h&view=list"]


def test_small_screens_get_the_list_below_the_map_unless_a_view_is_asked_for() -> None:
    calls("gate", "ledger")

    assert '<div class="instead">' in page()
    assert '<div class="instead">' not in page("?view=map")


def test_an_htmx_request_gets_the_bare_content() -> None:
    calls("gate", "ledger")

    text = page("?view=list", **{"HX-Request": "true"})

    assert "<html" not in text
    assert 'id="topology"' in text


def test_the_number_of_queries_does_not_grow_with_the_mesh() -> None:
    def queries() -> int:
        return queries_of(lambda: Client().get("/topology/?view=list"))

    calls("gate", "ledger")
    few = queries()
    for n in range(20):
        calls("gate", f"service-{n}")

    assert queries() == few


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sort=colour", "Rows cannot be ordered by “colour”."),
        ("view=list&sort=-colour", "Rows cannot be ordered by “-colour”."),
        ("view=list&page=0", "There is no page 0; there are 1."),
        ("page=last", "There is no page last; there are 1."),
        ("view=map&page=2", "There is no page 2; there are 1."),
        ("open=nowhere", "There is no group “nowhere”; it was left out."),
        ("group=namespace&open=shop&open=nowhere", "There is no group “nowhere”; it was left out."),
        ("only=bad", "There is no only “bad”, but mark, near."),
        ("hide=yes", "There is no hide “yes”, but 1."),
        ("blast=big", "There is no blast “big”, but 1."),
        ("at=soon", "The moment is not understood"),
        ("at=2090-01-01T00:00Z", "This moment is yet to come; shown is the latest window."),
    ],
)
def test_what_cannot_be_asked_for_is_told_in_a_notice(query: str, said: str) -> None:
    calls("gate", "ledger")

    (notices,) = texts(page(f"?{query}"), r'<ul class="notices"[^>]*>(.*?)</ul>')

    assert notices.startswith(said)
    assert notices.count(".") == said.count(".") or said.startswith("The moment")


@pytest.mark.parametrize("query", ["sort=-p95", "page=1", "group=namespace&open=shop", "only=mark&hide=1&blast=1", ""])
def test_what_can_be_asked_for_needs_no_notice(query: str) -> None:
    calls("gate", "ledger")

    assert 'class="notices"' not in page(f"?{query}")
