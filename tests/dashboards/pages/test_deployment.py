"""The page of one deployment: what it was, what is measured around it, what it carried, what it counts towards."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.models import Deployment, Edge, Mark
from plimsoll.store.queries.pages import deployment
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, queries_of, rows_of, said_on_the_map, text_of, total_of
from tests.dashboards.topology.looking import clock

pytestmark = pytest.mark.django_db


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def shown(row: Deployment) -> str:
    return text_of(looked_at(f"/deployments/{row.pk}/"))


def measured(row: Deployment, *, before: int = 0, after: int = 0, each: int = 60) -> None:
    """Requests of every minute around a deployment, of which so many fail; the last minutes have data too."""
    assert row.started_at is not None
    assert row.finished_at is not None
    for n in range(1, 13):
        builders.calls("portal", "ledger", requests=each, failed=before, at=row.started_at - timedelta(minutes=n))
    for n in range(1, 13):
        builders.calls("portal", "ledger", requests=each, failed=after, at=row.finished_at + timedelta(minutes=n))
    builders.calls("other", "else", requests=1, at=timezone.now())


def figures_with_links(page: str) -> list[list[Any]]:
    """The name of each figure that is checked, then what it was, is, and by how much it changed, each with its link."""
    table = page.partition('checks">')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    # On a phone, where no head of a column is seen, each cell says what it is.
    assert all(cells.count("<td") == cells.count("data-label=") == 5 for _, cells in rows)
    links = r'<a href="([^"]*)"[^>]*>([^<]*)</a>'
    return [
        [name.split()[0].replace("Error", "Errors"), *sides, *[None] * (3 - len(sides))]
        for name, cells in rows
        if (sides := [(unescape(said), unescape(path)) for path, said in re.findall(links, cells)])
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [("rollback", "it was rolled back"), ("explicit", "an incident names it as its cause")],
)
def test_it_says_what_it_was_and_what_speaks_against_it(reason: str, said: str) -> None:
    row = builders.deployment("ledger", "payments", version="v3", failed=True, failed_reason=reason, actor="lin",
                              finished_at=ago(300), started_at=ago(304))  # fmt: skip
    builders.deployment("ledger", version="v2", kind="rollback", started_at=ago(297), finished_at=ago(296.5))

    page = looked_at(f"/deployments/{row.pk}/")

    assert '<h1><span translate="no">ledger v3</span></h1>' in page
    text = text_of(page)
    assert f"failed because {said}." in text
    # As the wallboard says it, whatever speaks against it first.
    assert "(rolled back in 3 min 30 s)" in text
    assert "Verdict from telemetry: not computed yet." in text
    assert "Rollback began v2" in text


def test_its_recovery_is_from_when_it_hurt_to_what_ended_it() -> None:
    begun = ago(300).replace(second=0, microsecond=0)
    row = builders.deployment("ledger", version="v3", failed=True, failed_reason="incident", started_at=begun,
                              finished_at=begun + timedelta(minutes=1))  # fmt: skip
    builders.incident("ledger", opened_at=begun + timedelta(minutes=2), caused_by=row, status="resolved",
                      resolved_at=begun + timedelta(minutes=12))  # fmt: skip

    resolved = shown(row)
    builders.deployment("ledger", version="v2", kind="rollback", started_at=begun + timedelta(minutes=4),
                        finished_at=begun + timedelta(minutes=5))  # fmt: skip
    undone = shown(row)

    assert re.search(r"yes · 10 min · [^·]*:\d\d to [^·]*:\d\d , when its incident was resolved", resolved)
    assert re.search(r"yes · 3\.0 min · [^·]*:\d\d to [^·]*:\d\d , when a rollback or hotfix was live", undone)
    assert "Rollback was live v2" in undone


@pytest.mark.parametrize(
    ("status", "said"),
    [("failure", "Run failed"), ("cancelled", "Run was cancelled"), ("unknown", "Run ended, nobody said how")],
)
def test_a_run_that_did_not_go_live_ended_as_its_sender_said(status: str, said: str) -> None:
    row = builders.deployment("ledger", status=status, kind=None, failed=None, finished_at=ago(300))

    assert said in shown(row)


def test_more_changes_than_are_shown_are_a_click_away_and_their_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    row = builders.deployment("ledger", finished_at=ago(300))
    for hours in (6, 7, 8):
        builders.carried(row, builders.change(authored_at=ago(300 + 60 * hours)))
    monkeypatch.setattr(deployment, "MOST_COMMITS", 2)

    page = looked_at(f"/deployments/{row.pk}/")
    every = unescape(re.findall(r'href="([^"]*)">and 1 more<', page)[0])

    assert page.count('<code translate="no">') == 2
    assert total_of(looked_at(every)) == 3
    assert "First commit 3 changes" in text_of(page)


def test_an_end_on_another_day_is_told_with_its_day() -> None:
    began = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
    ends = (began + timedelta(hours=hours) for hours in (1, 50))
    rows = [builders.deployment("ledger", started_at=began, finished_at=end) for end in ends]

    within, later = (text_of(looked_at(f"/deployments/{row.pk}/?tz=UTC")) for row in rows)

    assert "2 Oct 09:30 to 10:30 (" in within
    assert "2 Oct 09:30 to 4 Oct 11:30 (" in later


def test_a_further_rollout_leads_to_the_deployment_it_belongs_to() -> None:
    head = builders.deployment(cluster="aws-1")
    part = builders.deployment(cluster="azure-3", rollout_of=head)

    response = Client().get(f"/deployments/{part.pk}/", headers=builders.reading())

    assert (response.status_code, response["Location"].partition("?")[0]) == (301, f"/deployments/{head.pk}/")
    assert "2 clusters aws-1, azure-3" in shown(head)


@pytest.mark.parametrize("path", ["/deployments/999999/", f"/deployments/{2**70}/"])
def test_one_that_is_not_there_is_not_found(path: str) -> None:
    response = Client().get(path, headers=builders.reading())

    assert response.status_code == 404


def test_one_of_another_team_is_not_said_on_the_map() -> None:
    row = builders.deployment("ledger", "payments")

    response = Client().get(f"/deployments/{row.pk}/", headers=builders.reading(builders.team("transport")))

    assert response.status_code == 404


def test_its_changes_are_shown_with_how_long_they_waited() -> None:
    row = builders.deployment(finished_at=ago(60))
    builders.carried(row, builders.change(title="Round <cents>", author="ana", url="https://git.example/1"), 7200.0)

    page = looked_at(f"/deployments/{row.pk}/")

    assert "Round &lt;cents&gt;" in page
    assert 'href="https://git.example/1"' in page
    assert "2.0 h" in text_of(page)


def test_without_any_telemetry_it_says_how_to_connect() -> None:
    assert "No telemetry yet: nothing is measured around it. Connect your mesh" in shown(builders.deployment())


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
class TestMeasured:
    def test_figures_before_and_after_stand_beside_their_mark(self) -> None:
        row = builders.deployment("ledger", "payments", started_at=ago(40), finished_at=ago(36), failed=False)
        measured(row, after=6)
        Mark.objects.create(metric="error_rate", value=0.01, service=builders.service("ledger"))

        page = looked_at(f"/deployments/{row.pk}/")

        found = rows_of(page)
        assert found[0] == "Rate 1.0/s 1.0/s – 0 % –"
        assert found[1] == "Error rate 0.0 % 10 % 1.0 % +10.0 pt ▲ over the mark"
        assert found[3].startswith("P95 latency 100 ms 100 ms none set")
        assert "n = 720 requests before, 720 after." in text_of(page)
        assert "small sample" not in text_of(page)

    @pytest.mark.parametrize("place", ["production", "of-which-telemetry-says-nothing"])
    def test_each_figure_leads_to_the_calls_of_its_minutes_where_the_same_is_said(self, place: str) -> None:
        began, ended = ago(40), ago(36)
        row = builders.deployment("ledger", started_at=began, finished_at=ended, place=place)
        measured(row, before=3, after=6)
        for n in range(1, 13):
            builders.calls("mobile", "ledger", requests=180, at=ended + timedelta(minutes=n))
            builders.calls("portal", "ledger", requests=60, at=began - timedelta(minutes=n), environment="elsewhere")

        page = looked_at(f"/deployments/{row.pk}/?tz=Asia/Tokyo&range=7d")

        begin = timezone.localtime(row.started_at, ZoneInfo("Asia/Tokyo")) - timedelta(minutes=12)
        assert f"Before {begin:%H:%M} – " in text_of(page)
        for name, before, after, changed in figures_with_links(page):
            assert [said_on_the_map(path)[name][-1] for _, path in (before, after)] == [before[0], after[0]]
            assert not changed or said_on_the_map(changed[1])[name] == [before[0], after[0]]
            assert "tz=Asia%2FTokyo" in before[1]
        assert [said for _, *sides in figures_with_links(page)[:2] for said, _ in sides[:2]] == (
            ["1.0/s", "4.0/s", "5.0 %", "2.5 %"] if place == "production" else ["2.0/s", "4.0/s", "2.5 %", "2.5 %"]
        )

    def test_minutes_before_telemetry_began_are_not_said_to_be_measured(self) -> None:
        first = ago(44)
        row = builders.deployment(
            "ledger", started_at=first + timedelta(minutes=4), finished_at=first + timedelta(minutes=8)
        )
        late = builders.deployment(
            "ledger", started_at=first - timedelta(minutes=16), finished_at=first + timedelta(minutes=2)
        )
        measured(row)
        Edge.objects.filter(first_seen__lt=first).update(first_seen=first.replace(second=0, microsecond=0))

        text, earlier = shown(row), shown(late)

        # An hour after midnight the time has its day before it.
        began, told = timezone.localtime(first, ZoneInfo("UTC")), clock(first)
        assert f"◆ Telemetry began at {told}: 4 minutes before it are measured." in text
        assert "4 min before, 12 min after" in text
        assert f"Before {began:%H:%M} – " in text
        assert "Before no telemetry" in earlier
        assert f"◆ Telemetry began at {told}: nothing before it is measured." in earlier
        assert "unknown requests" not in text + earlier

    def test_few_requests_are_said_to_be_few(self) -> None:
        row = builders.deployment("ledger", started_at=ago(40), finished_at=ago(36))
        measured(row, each=2)

        assert "n = 24 requests before, 24 after. A small sample" in shown(row)

    def test_a_call_that_was_not_there_before_is_new(self) -> None:
        row = builders.deployment("ledger", started_at=ago(40), finished_at=ago(36))
        measured(row)
        for n in range(1, 13):
            builders.calls("ledger", "documents", requests=20, at=ago(36) + timedelta(minutes=n))

        assert any(
            "documents" in found and found.endswith("new") for found in rows_of(looked_at(f"/deployments/{row.pk}/"))
        )

    def test_minutes_older_than_two_days_are_not_kept(self) -> None:
        row = builders.deployment("ledger", started_at=ago(5000), finished_at=ago(4990))
        builders.calls("other", "else", at=timezone.now())

        assert "○ The minutes around it are not kept any more: minutes are kept 48 h." in shown(row)

    def test_a_service_that_telemetry_does_not_know_is_said(self) -> None:
        row = builders.deployment("ledger", started_at=ago(40), finished_at=ago(36))
        for minutes in (60, 0):
            builders.calls("other", "else", at=ago(minutes))

        assert "Telemetry told nothing of this service in the 12 minutes before and after." in shown(row)

    def test_telemetry_that_began_later_is_said_to_begin_later(self) -> None:
        row = builders.deployment("ledger", started_at=ago(400), finished_at=ago(396))
        builders.calls("other", "else", at=timezone.now())

        assert "○ No telemetry of that time: it begins at" in shown(row)

    def test_more_changes_rollouts_and_incidents_take_as_many_questions(self) -> None:
        headers = builders.reading()
        row = builders.deployment("ledger", "payments", started_at=ago(40), finished_at=ago(36), failed=True)
        measured(row)

        def grow() -> None:
            builders.carried(row, builders.change())
            builders.deployment("ledger", rollout_of=row, started_at=ago(40), finished_at=ago(36), cluster="c")
            builders.incident("ledger", caused_by=row)

        grow()
        looked_at(f"/deployments/{row.pk}/", headers)
        few = queries_of(lambda: looked_at(f"/deployments/{row.pk}/", headers))
        for _ in range(4):
            grow()

        assert queries_of(lambda: looked_at(f"/deployments/{row.pk}/", headers)) == few <= 70


def test_what_held_and_is_too_early_to_count_is_not_said_to_be_able_to_fail_still() -> None:
    row = builders.deployment("ledger", finished_at=ago(120), failed=False)

    page, listed = shown(row), text_of(looked_at("/deployments/?metric=change_failure_rate&evidence=pending"))

    waits = "not counted yet: for a day an incident can still be put down to it"
    assert f"Change failure rate ○ not yet · {waits}" in page
    assert "held No incident, rollback or revert speaks against it." in page
    assert f"1 event of Change failure rate : {waits}." in listed
    assert "held" in listed


def test_its_raw_events_are_for_admins() -> None:
    row = builders.deployment("ledger", external_id="run-778899", source=builders.source(), finished_at=ago(60))
    builders.delivery(builders.source(), received_at=ago(60), body=b'{"id": "run-778899", "text": "<b>"}', event="ran")
    builders.delivery(builders.source(), received_at=ago(60), body=b'{"id": "run-112233"}')

    seen = looked_at(f"/deployments/{row.pk}/", builders.administrating())

    assert "&quot;run-778899&quot;, &quot;text&quot;: &quot;&lt;b&gt;&quot;" in seen
    assert "run-112233" not in seen
    assert "Payloads may hold anything: site admins see them." in shown(row)


def test_raw_events_of_what_was_told_long_after_it_happened_are_those_around_when_it_was_told() -> None:
    months = 60 * 24 * 90
    row = builders.deployment("ledger", external_id="run-778899", source=builders.source(), finished_at=ago(months))
    unheard = builders.incident("ledger", external_id="alert-5566", source=builders.source(), opened_at=ago(months))
    builders.delivery(builders.source(), received_at=ago(1), body=b'{"id": "run-778899"}')
    Deployment.objects.filter(pk=row.pk).update(created_at=ago(1))

    seen = looked_at(f"/deployments/{row.pk}/", builders.administrating())
    unseen = looked_at(f"/incidents/{unheard.pk}/", builders.administrating())

    assert "{&quot;id&quot;: &quot;run-778899&quot;}" in seen
    assert "○ Not found: no delivery near its times, or near when it was first reported here, holds its name." in (
        text_of(unseen)
    )


def test_an_address_that_is_a_script_is_no_link() -> None:
    row = builders.deployment("ledger", url="javascript:alert(1)", finished_at=ago(60))
    builders.carried(row, builders.change(url="javascript:alert(2)"))

    assert "javascript:" not in looked_at(f"/deployments/{row.pk}/")


def test_one_that_failed_and_has_not_ended_is_not_said_to_have_held() -> None:
    row = builders.deployment("ledger", failed=True, failed_reason="incident", status="running", started_at=ago(5),
                              finished_at=None)  # fmt: skip

    text = shown(row)

    assert "Recovery time ○ no · its end is not reported yet" in text
    assert "it did not fail" not in text
