"""Lists of services, changes and incidents: the same counts as the figures that lead to them."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from plimsoll.insight import dora
from plimsoll.store.models import Cluster, Service
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, queries_of, rows_of, text_of, total_of

pytestmark = pytest.mark.django_db


def ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def window() -> dict[str, datetime]:
    now = timezone.now()
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return {"start": end - timedelta(days=28), "end": end, "now": now}


def company() -> None:
    for hours, owner, name in ((100, "payments", "ledger"), (90, "payments", "ledger"), (80, "transport", "tiles")):
        row = builders.deployment(name, owner, failed=False, finished_at=ago(hours), repo=name)
        for n in range(3):
            builders.carried(row, builders.change(authored_at=ago(hours + n + 1) if n else None, repo=name))
    builders.incident("ledger", owner="payments", opened_at=ago(20), resolved_at=ago(19), status="resolved")
    builders.incident("ledger", "tiles", opened_at=ago(2))
    builders.incident("tiles", opened_at=ago(5), resolved_at=ago(6), status="resolved")
    builders.incident("tiles", opened_at=ago(9), environment=builders.environment("staging"))


@pytest.mark.parametrize("team", [None, "payments"])
@pytest.mark.parametrize(("metric", "path"), [("lead_time", "/changes/"), ("time_to_restore", "/incidents/")])
def test_each_part_of_a_metric_is_a_list_of_the_same_events(metric: str, path: str, team: str | None) -> None:
    company()
    parts = dora.parts_of(dora.figure(metric, **window(), teams=[team] if team else []))  # type: ignore[arg-type]
    assert parts["counted"]

    for part, ids in parts.items():
        asked = {
            "metric": metric,
            **({"team": team} if team else {}),
            **({} if part == "counted" else {"evidence": part}),
        }
        page = looked_at(f"{path}?{urlencode(asked)}")

        assert total_of(page) == len(ids), part
        table = Client().get(f"{path}rows.csv?{urlencode(asked)}", headers=builders.reading())
        assert len(b"".join(table).decode().splitlines()) == len(ids) + 1


@pytest.mark.parametrize(
    "path", ["/", "/teams/", "/teams/payments/", "/services/", "/services/ledger/", "/deployments/", "/incidents/",
             "/changes/", "/deployments/{0}/", "/incidents/{1}/", "/topology/", "/setup/"],
)  # fmt: skip
def test_a_page_hears_of_what_it_then_fetches_again(path: str) -> None:
    rows = builders.deployment("ledger", "payments"), builders.incident("ledger")

    page = looked_at(path.format(*(row.pk for row in rows)))

    assert heard(page) == set(re.findall(r"live:(\w+) from:body", page)) != set()


def test_the_first_page_becomes_the_overview_by_itself() -> None:
    page = looked_at("/")

    assert heard(page) == set(re.findall(r"live:(\w+) from:body", page)) == {"deployments", "topology", "catalog"}


def heard(page: str) -> set[str]:
    """The topics that a page follows."""
    found = re.search(r'<body data-live="([^"]*)"', page)
    assert found is not None
    return set(found[1].split())


def test_a_part_of_a_metric_is_told_in_words() -> None:
    company()

    page = text_of(looked_at("/changes/?metric=lead_time&evidence=from_authored"))

    assert "6 events of Lead time : counted from when the commit was written." in page


def test_an_incident_that_does_not_say_where_it_is_is_in_the_list_and_staging_is_not() -> None:
    company()

    page = looked_at("/incidents/")

    assert total_of(page) == 3
    assert text_of(page).startswith("All 3 Open 1 Resolved 2")


def test_an_open_incident_lasts_so_far_and_says_who_is_on_it() -> None:
    builders.incident("ledger", opened_at=ago(2), assignees=["Lin Yue"], severity="SEV 2", title="Slow")

    (row,) = rows_of(looked_at("/incidents/"))

    assert row.endswith("▲ open SEV 2 Slow ledger Lin Yue unknown so far 2.0 h")


def test_nobody_is_said_to_be_on_an_incident_as_its_own_page_says_it() -> None:
    builders.incident("ledger", opened_at=ago(3), title="Slow")
    builders.incident("ledger", opened_at=ago(4), resolved_at=ago(2), status="resolved", title="Down")

    still_open, over = rows_of(looked_at("/incidents/"))

    assert "Slow ledger nobody yet" in still_open
    assert "Down ledger not told" in over


def test_incidents_of_no_known_cluster_are_told_where_a_choice_of_clusters_leaves_them_out() -> None:
    Cluster.objects.create(name="aws-1")
    for cluster, status in (("aws-1", "resolved"), (None, "open"), (None, "resolved"), ("aws-2", "open")):
        builders.incident("ledger", opened_at=ago(2), cluster=cluster, status=status, title=f"{cluster} {status}")

    page = looked_at("/incidents/?cluster=aws-1&status=open")
    (link,) = re.findall(r'href="([^"]*no_cluster=1[^"]*)"', page)
    shown = looked_at("/incidents/" + unescape(link))
    both = looked_at("/incidents/?cluster=aws-1&no_cluster=1")

    assert "1 more incident would match but names no cluster: it is left out. Show it" in text_of(page)
    (row,) = rows_of(shown)
    assert "None open ledger" in row
    assert "cluster not told" in text_of(shown)
    assert "left out" not in text_of(shown)
    assert total_of(both) == 3
    assert "left out" not in text_of(looked_at("/incidents/"))


def test_a_change_says_which_deployment_brought_it() -> None:
    company()
    builders.change(authored_at=ago(3), title="Waiting")

    found = rows_of(looked_at("/changes/"))

    assert len(found) == 7
    assert "Waiting shop not live yet" in found[0]


def test_services_are_listed_with_their_owner_and_what_happened_to_them() -> None:
    company()
    builders.service("free")

    page = looked_at("/services/")

    assert text_of(page).startswith("All 3 Owned 2 Unowned 1")
    free, ledger, _tiles = rows_of(page)
    assert "free unowned" in free
    assert "none known" in free
    assert "Payments" in ledger
    assert ledger.endswith("1 open")


def test_the_number_of_a_services_deployments_leads_to_as_many() -> None:
    company()
    builders.deployment("ledger", failed=None, status="running", started_at=ago(1), finished_at=None)
    builders.deployment("ledger", failed=False, finished_at=ago(4), place="staging")

    page = looked_at("/services/?service=ledger")
    address = page.split('href="/deployments/')[1].split('"')[0].replace("&amp;", "&")

    assert total_of(looked_at(f"/deployments/{address}")) == 4
    assert ">4</a>" in page


@pytest.mark.parametrize("path", ["/services/", "/incidents/", "/changes/", "/changes/?metric=lead_time"])
def test_more_rows_take_as_many_questions(path: str) -> None:
    headers = builders.reading()
    company()
    looked_at(path, headers)
    few = queries_of(lambda: looked_at(path, headers))
    for _ in range(3):
        company()
        builders.service(f"more-{_}")

    assert queries_of(lambda: looked_at(path, headers)) == few <= 25


@pytest.mark.parametrize("path", ["/services/", "/incidents/", "/changes/"])
def test_a_reader_of_one_team_sees_its_rows_alone(path: str) -> None:
    company()
    every, own = (total_of(looked_at(path, builders.reading(each))) for each in (None, builders.team("payments")))

    assert 0 < own < every


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/services/", "No service is known yet."),
        ("/incidents/", "No incident source yet. Recovery time needs one. Connect"),
        ("/changes/", "No change was ever reported."),
    ],
)
def test_what_never_came_says_how_to_connect(path: str, text: str) -> None:
    assert text in text_of(looked_at(path))


@pytest.mark.parametrize(
    "address", ["/", "/deployments/", "/incidents/", "/changes/", "/deployments/rows.csv", "/why/lead_time/"]
)
def test_a_character_that_no_name_has_never_breaks_a_page(address: str) -> None:
    response = Client().get(f"{address}?service=%00&version=a%00", headers=builders.reading())

    assert response.status_code == 200


def test_a_page_of_a_name_with_such_a_character_is_not_found() -> None:
    assert Client().get("/services/%00/", headers=builders.reading()).status_code == 404


def test_what_was_left_out_of_an_address_is_told() -> None:
    builders.deployment("ledger", version="1")

    text = looked_at("/deployments/?service=ledg%00er")

    assert "A part of the address holds a character that no name has" in text


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        ("disaster", "bad", "SEV 1"),
        ("Sev-2", "bad", "SEV 2"),
        ("average", "warn", "SEV 3"),
        ("low", "", "SEV 4"),
        ("purple", "", "purple"),
    ],
)
def test_a_severity_has_the_name_and_colour_of_what_it_means(
    client: Client, settings: Settings, said: str, kind: str, word: str
) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    builders.incident("ledger", opened_at=ago(2), severity=said)

    own = ' translate="no"' if said == word else ""
    assert f'<span class="chip {kind}"{own} title="{said}">{word}</span>' in client.get("/incidents/").content.decode()


def test_incidents_are_ordered_by_how_grave_they_are_whatever_their_senders_call_that() -> None:
    for said in ("SEV 2", "warning", "purple", "critical", "SEV 3", None, "P1"):
        builders.incident("ledger", opened_at=ago(2), severity=said, title=said or "untold")

    up, down = (
        [row.split(" ledger ")[0].split(" open ")[1] for row in rows_of(looked_at(f"/incidents/?sort={order}"))]
        for order in ("severity", "-severity")
    )

    assert up == [
        *("SEV 1 critical", "SEV 1 P1", "SEV 2 SEV 2", "SEV 3 warning", "SEV 3 SEV 3"),
        *("purple purple", "untold"),
    ]
    assert down == [*reversed(up[:5]), *reversed(up[5:])]


def test_of_two_services_with_one_name_each_has_its_own_traffic(traffic: None) -> None:
    for namespace, failed in (("a", 0), ("b", 30)):
        Service.objects.create(name="ledger", namespace=namespace)
        for minute in range(1, 6):
            builders.calls("portal", "ledger", namespace=namespace, failed=failed, at=ago(minute / 60))

    found = [row for row in rows_of(looked_at("/services/")) if "ledger" in row]

    assert [row.split(" unowned ")[1].split(" 100 ms")[0] for row in found] == ["0.0 %", "50 %"]


def test_a_service_is_not_heard_of_where_only_its_namesake_is(traffic: None) -> None:
    for namespace in ("a", "b"):
        Service.objects.create(name="ledger", namespace=namespace)
    for minute in range(1, 6):
        builders.calls("portal", "ledger", namespace="b", failed=30, at=ago(minute / 60))

    silent, heard = (row for row in rows_of(looked_at("/services/")) if "ledger" in row)

    assert "50 %" in heard
    assert "50 %" not in silent
    assert "not heard of" in silent


@pytest.mark.parametrize(
    "asked",
    [
        "service=nope",
        "team=nope",
        "env=nope",
        "from=garbage",
        "weekday=nope",
        "hour=nope",
        "on=nope",
        "outcome=nope",
        "stage=nope&metric=lead_time",
    ],
)
def test_a_table_is_not_written_of_more_than_was_asked_for(asked: str) -> None:
    company()

    path = "changes" if asked.startswith("stage") else "deployments"
    response = Client().get(f"/{path}/rows.csv?{asked}", headers=builders.reading())

    assert response.status_code == 400
    assert "This table was not written." in response.content.decode()
    assert re.search("nope|garbage", response.content.decode())


def test_services_that_tests_of_the_way_in_make_are_not_listed() -> None:
    builders.service("ledger")
    builders.service("plimsoll-check-server")

    page = looked_at("/services/")
    exported = Client().get("/services/rows.csv", headers=builders.reading())

    assert total_of(page) == 1
    assert b"plimsoll-check" not in b"".join(exported)
