"""The list of deployments: the API's rows, a metric's own events, and an address that is the state."""

import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from plimsoll.insight import dora
from plimsoll.store.models import Deployment
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.pages.deployments import deployments
from plimsoll.store.queries.records import Wanted
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, queries_of, rows_of, text_of, total_of, unlinked

pytestmark = pytest.mark.django_db


def ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def company() -> None:
    """Deployments of every kind that a metric treats differently."""
    builders.deployment("ledger", "payments", failed=False, finished_at=ago(100))
    carrier = builders.deployment("ledger", "payments", failed=False, finished_at=ago(90), version="v2")
    builders.carried(carrier, builders.change())
    builders.deployment("ledger", "payments", failed=False, finished_at=ago(2), kind="rollback")
    failing = builders.deployment("ledger", "payments", failed=True, finished_at=ago(60), failed_reason="incident")
    builders.incident("ledger", caused_by=failing, opened_at=ago(59), resolved_at=ago(58), status="resolved")
    builders.deployment("tiles", "transport", failed=True, finished_at=ago(50), failed_reason="rollback")
    builders.deployment("tiles", "transport", failed=None, status="failure", finished_at=ago(40))
    builders.deployment("tiles", "transport", failed=None, status="running", started_at=ago(1), finished_at=None)
    builders.deployment("tiles", "transport", failed=False, finished_at=ago(3), kind="redeploy")
    builders.deployment("tiles", "transport", failed=False, finished_at=ago(30), place="staging")


@pytest.mark.parametrize("name", ["left_out", "evidence"])
def test_a_part_of_no_figure_is_told(name: str) -> None:
    page = looked_at(f"/deployments/?{name}=x")

    assert f"“{name}” is about a figure, and none is named; it was left out." in page


@pytest.mark.parametrize(
    "metric", ["deployment_frequency", "change_failure_rate", "recovery_time", "rework_rate", "lead_time"]
)
@pytest.mark.parametrize("team", [None, "payments", "transport"])
def test_each_part_of_a_metric_is_a_list_of_the_same_deployments(metric: str, team: str | None) -> None:
    company()
    now = timezone.now()
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    figure = dora.figure(
        metric,
        start=end - timedelta(days=28),
        end=end,
        now=now,
        teams=[team] if team else [],
    )
    parts = dora.parts_of(figure, of_deployments=metric == "lead_time")
    assert parts

    for part, ids in parts.items():
        asked = {
            "metric": metric,
            **({"team": team} if team else {}),
            **({} if part == "counted" else {"left_out": part}),
        }
        page = looked_at(f"/deployments/?{urlencode(asked)}")

        assert total_of(page) == len(set(ids)), part
        for id_ in ids:
            assert f'href="/deployments/{id_}/"' in page


def test_the_table_for_other_tools_has_the_same_rows() -> None:
    company()
    for query in ("", "?metric=change_failure_rate&team=payments", "?outcome=failed", "?everywhere=1&kind=standard"):
        page = looked_at(f"/deployments/{query}")
        address = page.split('href="/deployments/rows.csv')[1].split('"')[0].replace("&amp;", "&")
        response = Client().get(f"/deployments/rows.csv{address}", headers=builders.reading())
        lines = list(csv.DictReader(io.StringIO(b"".join(response).decode())))

        assert len(lines) == total_of(page) > 0
        for line in lines:
            assert f'href="/deployments/{line["id"]}/"' in page


def test_the_list_behind_the_recovery_time_says_how_long_each_took_as_the_figure_counts_it() -> None:
    def failed(version: str, days: float, remedied: bool, resolved_at: datetime | None = None) -> None:
        begun = ago(24 * days)
        row = builders.deployment(f"service-{version}", version=version, started_at=begun, finished_at=begun,
                                  failed=True)  # fmt: skip
        if resolved_at:
            builders.incident(f"service-{version}", opened_at=begun + timedelta(minutes=2), caused_by=row,
                              status="resolved", resolved_at=resolved_at)  # fmt: skip
        if remedied:
            builders.deployment(f"service-{version}", version="v0", kind="rollback",
                                started_at=begun + timedelta(minutes=4),
                                finished_at=begun + timedelta(minutes=5))  # fmt: skip

    failed("v1", 3, remedied=True, resolved_at=ago(24 * 3) + timedelta(minutes=12))
    failed("v2", 4, remedied=False, resolved_at=ago(24 * 4) + timedelta(minutes=9))
    failed("v4", 5, remedied=False)
    query = "?metric=recovery_time"
    page, unknown = looked_at(f"/deployments/{query}"), looked_at(f"/deployments/{query}&left_out=no_incident")
    answer = Client().get(f"/deployments/rows.csv{query}", headers=builders.reading())
    told = {row["version"]: row for row in csv.DictReader(io.StringIO(b"".join(answer).decode()))}

    # A rollback that was live ends it before its incident is resolved.
    assert [each.split(" production ")[1].split()[:2] for each in rows_of(page)] == [["3.0", "min"], ["7.0", "min"]]
    assert {name: round(float(row["recovery_time_s"])) for name, row in told.items()} == {"v1": 180, "v2": 420}
    assert {row["open_at_least_s"] for row in told.values()} == {""}
    assert [each.split(" production ")[1].split()[0] for each in rows_of(unknown)] == ["unknown"]
    assert unlinked(page) == [each for each in unlinked(page) if "Recovery" not in each]
    assert "Recovery" not in text_of(looked_at("/deployments/"))


def test_attempts_and_rollouts_are_one_row_with_all_their_clusters() -> None:
    head = builders.deployment(cluster="aws-1", finished_at=ago(5), version="v9")
    builders.deployment(cluster="azure-3", finished_at=ago(4.5), rollout_of=head, version="v9")
    builders.deployment(is_deleted=True, finished_at=ago(5))

    page = looked_at("/deployments/")

    (row,) = rows_of(page)
    assert "aws-1, azure-3" in row
    assert "none known" in row
    assert total_of(page) == 1


def test_without_a_word_it_is_production_and_everywhere_is_all() -> None:
    company()
    builders.deployment(place="staging", environment=None, finished_at=ago(5))

    shown = total_of(looked_at("/deployments/")), total_of(looked_at("/deployments/?env=staging"))

    assert shown == (8, 1)
    assert total_of(looked_at("/deployments/?everywhere=1")) == 10


def test_an_outcome_narrows_the_list_and_says_how_many_there_are_of_each() -> None:
    company()

    page = looked_at("/deployments/?outcome=failed")

    assert total_of(page) == 2
    assert text_of(page).startswith("All 8 Failed 2 Held 4 Rolling out 1 Undecided 1")


def test_a_day_is_the_day_of_the_pages_zone() -> None:
    builders.deployment(
        version="late", finished_at=datetime(2026, 11, 10, 23, 30, tzinfo=timezone.get_default_timezone())
    )
    when = "from=2026-11-01&to=2026-11-20&on=2026-11-11"

    assert total_of(looked_at(f"/deployments/?{when}&tz=UTC")) == 0
    assert total_of(looked_at(f"/deployments/?{when}&tz=Europe/Berlin")) == 1


@pytest.mark.parametrize("figure", ["", "&metric=deployment_frequency"])
def test_a_range_of_days_has_its_last_day_in_the_list_its_figure_and_its_table(figure: str) -> None:
    evening = datetime(2026, 11, 10, 20, 30, tzinfo=timezone.get_default_timezone())
    builders.deployment(version="late", finished_at=evening)

    for days, n in (("from=2026-11-10&to=2026-11-10", 1), ("from=2026-11-08&to=2026-11-09", 0)):
        page = looked_at(f"/deployments/?{days}{figure}")
        assert total_of(page) == n
        for end, day in (each.split("=") for each in days.split("&")):
            assert f'name="{end}" value="{day}"' in page
        table = Client().get(f"/deployments/rows.csv?{days}{figure}", headers=builders.reading())
        assert len(b"".join(table).decode().splitlines()) == n + 1
    assert "from 2026-11-08 to 2026-11-09" in text_of(looked_at("/deployments/?from=2026-11-08&to=2026-11-09"))


def test_the_latest_comes_first_and_what_is_under_way_by_its_start() -> None:
    for version, hours in (("old", 9), ("new", 2)):
        builders.deployment(version=version, finished_at=ago(hours))
    builders.deployment(version="now", status="running", failed=None, started_at=ago(1), finished_at=None)

    names = [row.split("ledger ")[1].split()[0] for row in rows_of(looked_at("/deployments/"))]

    assert names == ["now", "new", "old"]


def test_a_rollout_under_way_has_no_end_and_its_share_of_traffic_is_none_of_its_times() -> None:
    builders.deployment(
        *("ledger", "payments"), status="running", failed=None, started_at=ago(1), finished_at=None, traffic_percent=16
    )
    builders.deployment("ledger", failed=None, status="unknown", started_at=ago(2), finished_at=None)

    for page in (looked_at("/deployments/"), looked_at("/services/ledger/")):
        running, silent = (row for row in rows_of(page) if "rolling out" in row or "undecided" in row)
        assert running.startswith("under way since ")
        assert silent.startswith("began ")

    running, silent = rows_of(looked_at("/deployments/"))
    assert "rolling out 16 % of traffic ledger" in running
    assert "not over yet" in running
    assert running.count("%") == 1
    assert "no end told" in silent


def test_rows_are_ordered_by_a_column_and_its_head_says_so() -> None:
    for name in ("b", "a", "c"):
        builders.deployment(name, finished_at=ago(2))

    page = looked_at("/deployments/?sort=-service")

    assert [row.split()[5] for row in rows_of(page)] == ["c", "b", "a"]
    assert '<th scope="col" aria-sort="descending"><a class="sort" href="?sort=service">' in page


def test_versions_are_ordered_by_the_numbers_in_them_and_page_on() -> None:
    ordered = ["main", "next", "v2.4.7", "v2.4.7-rc.1", "v2.10.0", "10.0", "deploy-99999999999999999999999999"]
    for version in (*reversed(ordered), None):
        builders.deployment(version=version, finished_at=ago(2))
    wanted = Wanted(DEPLOYMENTS)

    def page(offset: int, *, descending: bool = False) -> list[str | None]:
        return [each.version for each in deployments(wanted, "version", descending=descending, offset=offset, size=4)]

    assert page(0) + page(4) == [*ordered, None]
    assert page(0, descending=True) + page(4, descending=True) == [*reversed(ordered), None]


def test_pages_follow_each_other_and_one_that_is_not_there_is_told() -> None:
    service, place = builders.service(), builders.environment()
    Deployment.objects.bulk_create(
        Deployment(
            external_id=f"many-{n}", service=service, environment=place, status="success", finished_at=ago(1 + n / 60)
        )
        for n in range(120)
    )

    second, beyond = looked_at("/deployments/?page=2"), looked_at("/deployments/?page=9")

    assert "51 to 100 of 120" in text_of(second)
    assert 'rel="prev" href="?page=1"' in second
    assert 'rel="next" href="?page=3"' in second
    assert "101 to 120 of 120" in text_of(beyond)
    assert "There is no page 9; there are 3." in beyond


def test_four_times_as_many_rows_take_as_many_questions() -> None:
    headers = builders.reading()
    company()
    looked_at("/deployments/", headers)
    few = queries_of(lambda: looked_at("/deployments/", headers))
    for _ in range(3):
        company()

    many = queries_of(lambda: looked_at("/deployments/", headers))

    assert many == few <= 14


def numbers_of(page: str, begin: str) -> list[tuple[int, str]]:
    """The numbers of a page that lead to a list whose address begins so, and where each leads."""
    links = re.findall(rf'href="({begin}[^"]+)">(\d+)', page)
    return [(int(n), unescape(href)) for href, n in links]


def test_a_rows_numbers_lead_to_all_that_they_count_whenever_and_wherever_that_was() -> None:
    row = builders.deployment("ledger", "payments", version="v2", failed=True, finished_at=ago(60))
    older = builders.deployment("ledger", "payments", version="v1", failed=False, finished_at=ago(900))
    for hours in (None, 61, 1500):
        change = builders.change(authored_at=ago(hours) if hours else None, is_deleted=hours == 61)
        builders.carried(row, change, 60.0)
    builders.carried(older, change, 60.0)
    for place in ("production", "staging"):
        at = ago(59) if place == "production" else None
        builders.incident("ledger", environment=builders.environment(place), caused_by=row, opened_at=at)
        builders.incident("tiles", caused_by=row, is_deleted=True)

    page = looked_at("/deployments/?service=ledger")
    ((_lead_time, waited), (changes, carried)) = numbers_of(page, "/changes/")
    ((incidents, caused),) = numbers_of(page, "/incidents/")
    (*_none, (carriers, carrying)) = numbers_of(looked_at("/changes/?range=1y&sort=at"), "/deployments/")

    assert (changes, incidents, carriers) == (3, 2, 2)
    assert waited == carried
    for n, address, name in ((3, carried, "deployment ledger v2 ×"), (2, caused, "caused by ledger v2 ×"),
                             (2, carrying, f"change {str(change.sha)[:9]} ×")):  # fmt: skip
        told_of = looked_at(address)
        table = Client().get(address.replace("/?", "/rows.csv?"), headers=builders.reading())
        assert total_of(told_of) == n == len(b"".join(table).splitlines()) - 1
        assert name in text_of(told_of)
        assert "All of them, whenever and wherever they were" in told_of


@pytest.mark.parametrize("address", ["/incidents/?caused_by=", "/changes/?deployment=", "/deployments/?change="])
def test_what_belongs_to_no_row_is_none_and_what_is_no_id_is_told(address: str) -> None:
    company()

    assert "None is known." in text_of(looked_at(f"{address}999999"))
    for wrong in ("x", "9" * 19, "٣"):
        assert f"“{wrong}” is no value of" in looked_at(f"{address}{wrong}")
    left_out = ["on", *(("grain", "repo", "sha", "status") if "deployment=" in address else ())]
    page = looked_at(f"{address}1&" + "&".join(f"{name}=2026-11-01" for name in left_out))
    assert re.findall("belongs to what is named; “(.*?)” was left out", page) == left_out


def test_changes_of_what_is_no_id_are_the_changes_of_the_range() -> None:
    builders.change(authored_at=ago(60))

    page = looked_at("/changes/?deployment=x&deployment=y&repo=shop")

    assert total_of(page) == 1
    assert [page.count(f"“{wrong}” is no value of deployment") for wrong in "xy"] == [1, 1]
    assert "repository shop" in text_of(page)


def test_what_the_address_says_wrongly_is_told_and_left_out() -> None:
    company()

    page = looked_at("/deployments/?outcome=great&metric=velocity&sort=colour&on=yesterday&page=x")

    assert total_of(page) == 8
    for notice in ("“great” is no value of outcome", "“velocity” is no value of metric", "ordered by “colour”",
                   "“yesterday” is no day", "There is no page x"):  # fmt: skip
        assert escape(notice) in page


def test_a_reader_of_one_team_sees_its_deployments_alone() -> None:
    company()

    page = looked_at("/deployments/?everywhere=1", builders.reading(builders.team("payments")))

    assert total_of(page) == 4
    assert "tiles" not in text_of(page)


def test_a_reader_of_one_team_is_told_of_as_many_incidents_as_they_are_shown() -> None:
    row = builders.deployment("ledger", "payments", failed=True, finished_at=ago(60))
    builders.incident("ledger", caused_by=row, title="Ours")
    builders.incident("ledger", caused_by=row, title="Dismissed", is_deleted=True)
    builders.incident("tiles", owner="transport", caused_by=row, title="Theirs")
    headers = builders.reading(builders.team("payments"))

    ((n, address),) = numbers_of(looked_at("/deployments/", headers), "/incidents/")

    answers = [
        Client().get(f"/api/v1/deployments/{row.pk}/", headers=each).json() for each in (headers, builders.reading())
    ]
    own_page = looked_at(f"/deployments/{row.pk}/", headers)
    assert n == total_of(looked_at(address, headers)) == 1
    assert [each["incidents"] for each in answers] == [1, 2]
    assert ("Ours" in own_page, "Theirs" in own_page) == (True, False)


def test_nothing_ever_reported_and_nothing_that_matches_are_two_states() -> None:
    never = text_of(looked_at("/deployments/"))
    builders.deployment(finished_at=ago(2000))

    nothing = text_of(looked_at("/deployments/"))

    assert "No deployment was ever reported. They come from your CI by webhook. Connect a sender" in never
    assert "0 deployments from" in nothing


def test_a_part_of_a_figure_that_there_is_not_falls_back_to_what_it_counts() -> None:
    builders.deployment("ledger", finished_at=ago(30), failed=False)

    page = looked_at("/deployments/?metric=change_failure_rate&left_out=nope")

    assert "There is no part “nope” of this figure; shown is what it counts." in page
    assert total_of(page) == 1
