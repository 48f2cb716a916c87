"""The page of one incident, and what people do about it."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from plimsoll.insight.around.trouble import story
from plimsoll.store.merge import Observation, Series
from plimsoll.store.models import AuditEvent, Incident, Membership
from plimsoll.store.queries.pages.incidents import incident
from plimsoll.store.records import record
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, queries_of, rows_of, text_of

pytestmark = pytest.mark.django_db


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def shown(row: Incident) -> str:
    return text_of(looked_at(f"/incidents/{row.pk}/"))


def link_to_all(name: str, page: str) -> str:
    """Where the page says that the rest of a list is."""
    found = re.search(rf'id="more-{name}" href="([^"]*)"', page)
    assert found is not None
    return unescape(found[1]).partition("#")[0]


def signed_in(name: str = "lin", role: str = "member", team: str | None = None) -> Client:
    """The browser of somebody with a role."""
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, role=role, team=builders.team(team) if team else None)
    client = Client()
    client.force_login(user)
    return client


def does(client: Client, row: Incident, what: str, **form: Any) -> int:
    return client.post(f"/incidents/{row.pk}/{what}/", form).status_code


def told(*names: str, **fields: Any) -> Incident:
    """An incident as its sender told it."""
    fields = {"opened_at": ago(30), "source": builders.source(), **fields}
    row = builders.incident(*names, **fields)
    at = row.opened_at.isoformat() if row.opened_at else None
    stamps = {"status": [at, 0], "opened_at": [None, 0], "title": [at, 0], "services": [at, 0, list(names)]}
    Incident.objects.filter(pk=row.pk).update(merge=stamps)
    return row


def test_it_says_how_long_it_lasts_who_is_on_it_and_what_it_hurts() -> None:
    row = builders.incident("ledger", owner="payments", opened_at=ago(120), title="Slow payments", severity="SEV 2",
                            assignees=["Lin Yue"])  # fmt: skip

    page = looked_at(f"/incidents/{row.pk}/")
    text = text_of(page)

    assert 'aria-label=" "' not in page
    assert text.startswith("2.0 h open so far")
    assert "On it Lin Yue" in text
    assert "ledger ○ not heard of Payments" in text


def test_its_cause_is_said_with_how_that_is_known() -> None:
    cause = builders.deployment("ledger", version="v7", failed=True, finished_at=ago(40), started_at=ago(45))
    by_time = builders.incident("ledger", opened_at=ago(30), caused_by=cause, caused_by_method="window",
                                caused_by_confidence=0.88)  # fmt: skip
    named = builders.incident("ledger", opened_at=ago(30), caused_by=cause, caused_by_method="explicit",
                              caused_by_confidence=1.0)  # fmt: skip

    assert "ledger v7 ▲ failed By time alone: it was the last deployment before. Confidence likely (88 %)." in shown(
        by_time
    )
    assert "Its sender names it." in shown(named)


def test_other_deployments_of_the_day_before_are_ranked_by_time() -> None:
    for version, minutes in (("old", 1700), ("far", 600), ("near", 50), ("later", 10)):
        builders.deployment("ledger", version=version, finished_at=ago(minutes), started_at=ago(minutes + 5))
    builders.deployment("tiles", version="elsewhere", finished_at=ago(50))
    builders.deployment("ledger", version="there", finished_at=ago(50), place="staging")

    found = rows_of(looked_at(f"/incidents/{builders.incident('ledger', opened_at=ago(30)).pk}/"))

    assert [row.split()[1] for row in found if row.startswith("ledger") and "live for" in row] == ["near", "far"]
    assert "live for 20 min when it opened" in found[0]


def test_suspects_that_are_not_shown_are_counted_and_all_of_them_are_a_click_away() -> None:
    for n in range(60):
        builders.deployment("ledger", started_at=ago(145 + n), finished_at=ago(140 + n))
    row = builders.incident("ledger", opened_at=ago(30))

    first = looked_at(f"/incidents/{row.pk}/?tz=UTC")
    every = looked_at(f"/incidents/{row.pk}/{link_to_all('suspects', first)}")

    assert len([each for each in rows_of(first) if "live for" in each]) == 8
    assert "and 52 more Ranked by time alone" in text_of(first)
    assert len([each for each in rows_of(every) if "live for" in each]) == 60
    assert "tz=UTC" in link_to_all("suspects", first)
    assert "Show fewer Ranked by time alone" in text_of(every)


def test_a_list_is_shown_in_part_or_whole_and_nothing_else() -> None:
    row = builders.incident("ledger", opened_at=ago(30))
    builders.deployment("ledger", started_at=ago(45), finished_at=ago(40))

    page = looked_at(f"/incidents/{row.pk}/?suspects=some")

    assert "There is no suspects “some”, but all." in page
    assert "live for 10 min when it opened" in page


@pytest.mark.parametrize("services", [(), ("ledger",)])
def test_without_any_known_deployment_it_is_not_said_that_no_change_caused_it(services: tuple[str, ...]) -> None:
    text = shown(builders.incident(*services, opened_at=ago(30)))

    assert "no change caused it" not in text
    assert "caused it is not known" in text


def test_a_cause_whose_begin_is_not_told_went_live_in_its_story() -> None:
    cause = builders.deployment("ledger", version="7", finished_at=ago(40), started_at=None)
    row = builders.incident("ledger", opened_at=ago(30), caused_by=cause, caused_by_method="explicit")

    text = shown(row)

    assert "Deployment began" not in text
    assert "Went live ledger 7" in text


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
def test_without_telemetry_at_that_time_who_called_is_not_known() -> None:
    row = builders.incident("ledger", opened_at=ago(30), environment=builders.environment())
    for n in (10, 60):
        builders.calls("portal", "ledger", requests=50, at=ago(n))

    text = shown(row)

    assert "No telemetry came in the 15 minutes before it: who called is not known." in text
    assert "Calls of the 15 minutes before it opened." not in text


def test_without_a_deployment_in_the_day_before_no_change_caused_it() -> None:
    builders.deployment("ledger", finished_at=ago(2 * 24 * 60), started_at=ago(2 * 24 * 60))

    text = shown(builders.incident("ledger", opened_at=ago(30)))

    assert "No deployment of the affected services in the 24 h before: by time, no change caused it." in text


def test_of_one_that_is_over_nothing_is_said_to_come_yet() -> None:
    row = builders.incident("ledger", status="resolved", opened_at=ago(90), resolved_at=ago(30))

    text = shown(row)

    assert "Acknowledged not told" in text
    assert "On it not told" in text


def test_one_that_came_back_says_how_often_and_when_it_was_over_between() -> None:
    zero = ago(100).replace(second=0, microsecond=0)
    sender = builders.source()
    # The episodes of one alert within the gap are one incident; the last one is another.
    for begin, end in ((0, 5), (10, 12), (20, 26), (80, 90)):
        opened, over = (zero + timedelta(minutes=each) for each in (begin, end))
        fields = {"status": "resolved", "opened_at": opened, "resolved_at": over}
        series = Series("f", timedelta(minutes=15))
        record(sender, [Observation("incident", f"f@{opened:%Y-%m-%dT%H:%M}", over, fields, series=series)])
    at = {"opened_at": zero, "reopened_at": [zero + timedelta(minutes=7)]}
    record(sender, [Observation("incident", "by its word", zero, at)])

    flapping, apart = Incident.objects.filter(external_id__startswith="f@", is_deleted=False).order_by("opened_at")
    by_word = Incident.objects.get(external_id="by its word")
    text = shown(flapping)
    page = incident(flapping.pk, None)
    assert page is not None

    assert text.startswith("26 min from first opened to resolved, the pauses included opened again, 2 times")
    assert [(step.what, (step.at - zero) / timedelta(minutes=1)) for step in story(page, None)][:-1] == [
        *(("opened", 0), ("ended_before", 5), ("reopened", 10), ("ended_before", 12), ("reopened", 20)),
        ("resolved", 26),
    ]
    assert text.count("Over for the time being") == text.count("Opened again") == 2
    assert shown(apart).startswith("10 min from opened to resolved")
    assert shown(by_word).count("Opened again") == 1


@pytest.mark.parametrize("fields", [{}, {"is_deleted": True}])
def test_what_is_not_there_or_told_by_another_is_not_found(fields: dict[str, Any]) -> None:
    number = builders.incident("ledger", **fields).pk if fields else 999_999

    assert Client().get(f"/incidents/{number}/", headers=builders.reading()).status_code == 404


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
def test_who_calls_the_affected_services_is_in_the_blast_radius_and_a_teams_reader_sees_who_calls_theirs() -> None:
    row = builders.incident("ledger", opened_at=ago(30), environment=builders.environment())
    for n in range(31, 40):
        builders.calls("portal", "ledger", requests=50, at=ago(n))
        builders.calls("mobile", "portal", requests=100, at=ago(n))
    builders.service("ledger", "payments")

    every, of_team = (
        [each for each in rows_of(looked_at(f"/incidents/{row.pk}/", reader)) if each.startswith(("portal", "mobile"))]
        for reader in (builders.reading(), builders.reading(builders.team("payments")))
    )

    assert every == ["portal 1 50 %", "mobile 2 50 %"]
    assert of_team == ["portal 1 50 %"]


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
def test_a_large_blast_radius_names_everybody_on_request() -> None:
    row = builders.incident("ledger", opened_at=ago(30), environment=builders.environment())
    for n in range(11):
        builders.calls(f"caller-{n}", "ledger", requests=50, at=ago(33))

    first = looked_at(f"/incidents/{row.pk}/")
    every = looked_at(f"/incidents/{row.pk}/{link_to_all('reached', first)}")

    assert len([each for each in rows_of(first) if each.startswith("caller-")]) == 8
    assert "and 3 more Calls of the 15 minutes before it opened." in text_of(first)
    assert len([each for each in rows_of(every) if each.startswith("caller-")]) == 11


class TestActing:
    def test_taking_it_adds_me_and_leaving_takes_me_off(self) -> None:
        row, client = told("ledger", assignees=None), signed_in("lin")

        assert does(client, row, "take") == 303
        row.refresh_from_db()
        taken = row.assignees
        does(client, row, "leave")
        row.refresh_from_db()

        assert (taken, row.assignees) == (["lin"], [])

    def test_resolving_it_is_in_the_audit_with_what_it_was(self) -> None:
        row = told("ledger")

        does(signed_in("lin"), row, "resolve")

        row.refresh_from_db()
        line = AuditEvent.objects.get()
        assert row.status == "resolved"
        assert row.resolved_at is not None
        assert (line.actor, line.action, line.target) == ("lin", "resolve", f"incident {row.pk}")
        assert (line.before["status"], line.after["status"]) == ("open", "resolved")

    def test_linking_a_deployment_makes_it_the_cause_and_a_failure(self) -> None:
        cause = builders.deployment("ledger", failed=False, finished_at=ago(400), source=builders.source())
        row, client = told("ledger"), signed_in()

        does(client, row, "link", deployment=str(cause.pk))
        row.refresh_from_db()
        cause.refresh_from_db()
        linked = row.caused_by_id, cause.failed
        does(client, row, "unlink")
        row.refresh_from_db()
        cause.refresh_from_db()

        assert linked == (cause.pk, True)
        assert (row.caused_by_id, cause.failed) == (None, False)
        assert "A person named it." not in text_of(client.get(f"/incidents/{row.pk}/").content.decode())

    def test_what_is_no_incident_leaves_the_list_and_can_come_back(self) -> None:
        row, client = told("ledger", title="Noise"), signed_in()

        does(client, row, "dismiss")
        gone = "Noise" in client.get("/incidents/").content.decode()
        page = client.get(f"/incidents/{row.pk}/").content.decode()
        does(client, row, "restore")

        assert not gone
        assert "Somebody said that this is no incident" in page
        assert "Noise" in client.get("/incidents/").content.decode()

    def test_viewers_see_no_buttons_and_may_not(self) -> None:
        row, client = told("ledger", owner="payments"), signed_in(role="viewer")

        assert "Take it" not in client.get(f"/incidents/{row.pk}/").content.decode()
        assert does(client, row, "resolve") == 403
        row.refresh_from_db()
        assert row.status == "open"

    def test_a_member_of_another_team_may_not_act_on_it(self) -> None:
        row = told("ledger", owner="payments")

        assert does(signed_in(team="transport"), row, "resolve") in (403, 404)
        row.refresh_from_db()
        assert row.status == "open"

    def test_a_number_that_is_no_deployment_is_told(self) -> None:
        row = told("ledger")

        assert does(signed_in(), row, "link", deployment="7x") == 400
        assert not AuditEvent.objects.exists()


def test_more_services_and_candidates_take_as_many_questions() -> None:
    headers = builders.reading()
    row = builders.incident("a", opened_at=ago(30))
    builders.deployment("a", finished_at=ago(60))
    looked_at(f"/incidents/{row.pk}/", headers)
    few = queries_of(lambda: looked_at(f"/incidents/{row.pk}/", headers))
    row.services.set([builders.service(name) for name in "abcd"])
    for name in "abcd":
        builders.deployment(name, finished_at=ago(60))

    assert queries_of(lambda: looked_at(f"/incidents/{row.pk}/", headers)) == few <= 40
