"""Which of several counts of one edge is shown, and which names are one node (mesh-dialects, sections 2.4 and 9.2)."""

import pytest

from plimsoll.insight.topology import EdgeRow, edges, nodes
from plimsoll.store.cells import METRIC_CLIENT, METRIC_PROXY, METRIC_SERVER, SPAN_CLIENT_PROXY, Cells, Ref
from plimsoll.store.models import Service, Team
from tests.insight.traffic import HOUR, REVIEWS, calls, edge_rows, written

pytestmark = pytest.mark.django_db

CANARY, HOST = Ref("c1", "shop", "reviews-canary", "service"), Ref("c1", "shop", "reviews-http", "service")


def shown(cells: Cells) -> dict[tuple[str, str], EdgeRow]:
    """Write cells and return the edges of the last hour by their ends."""
    return {(row.client, row.server): row for row in edge_rows(cells)}


def test_counts_of_several_vantages_are_never_added_and_the_best_is_shown() -> None:
    cells = Cells()
    for vantage, requests in ((METRIC_PROXY, 11), (METRIC_CLIENT, 10), (SPAN_CLIENT_PROXY, 3), (METRIC_SERVER, 12)):
        calls(cells, vantage, requests)

    row = shown(cells)["frontend", "reviews"]

    assert (row.vantage, row.requests, row.attempts) == ("metric-client", 10, 12)


def test_attempts_that_nobody_counted_are_unknown_and_not_zero() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 10)

    assert shown(cells)["frontend", "reviews"].attempts is None


def test_a_name_that_one_record_shows_to_be_a_service_is_that_service() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 4, server=HOST)
    cells.alias(HOST, REVIEWS)

    assert {ends: row.requests for ends, row in shown(cells).items()} == {("frontend", "reviews"): 4}


def test_a_name_that_leads_to_two_services_stays_unmerged() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 4)
    cells.alias(REVIEWS, REVIEWS)
    cells.alias(REVIEWS, CANARY)

    assert {ends: row.requests for ends, row in shown(cells).items()} == {("frontend", "reviews"): 4}


def test_what_a_pod_shows_is_not_undone_by_pairs_that_point_the_other_way() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 4)
    calls(cells, SPAN_CLIENT_PROXY, 3, server=HOST)
    cells.alias(HOST, REVIEWS, "pod")
    cells.alias(REVIEWS, HOST, "joined", 20)

    assert {ends: row.requests for ends, row in shown(cells).items()} == {("frontend", "reviews"): 4}


@pytest.mark.parametrize(("pairs", "name"), [(19, "reviews-http"), (20, "reviews")])
def test_joined_pairs_make_a_name_the_service_once_there_are_twenty(pairs: int, name: str) -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 4, server=HOST)
    cells.alias(HOST, REVIEWS, "joined", pairs)

    assert set(shown(cells)) == {("frontend", name)}


def test_a_team_sees_its_own_service_and_no_namesake_of_another_namespace() -> None:
    cells = Cells()
    for namespace in ("shop", "bank"):
        calls(cells, server=Ref("c1", namespace, "ledger", "service"), client=Ref("c1", namespace, "gate", "service"))
    end = written(cells)
    team = Team.objects.create(slug="payments", name="Payments")
    Service.objects.filter(namespace="shop", name="ledger").update(team=team)

    rows = edges(start=end - HOUR, end=end, team="payments")
    named = nodes(start=end - HOUR, end=end, team="payments", services=("ledger",))

    assert [(row.client_namespace, row.server_namespace) for row in rows] == [("shop", "shop")]
    assert {(row.namespace, row.name) for row in named} == {("shop", "gate"), ("shop", "ledger")}


def test_a_cluster_is_found_in_any_spelling() -> None:
    cells = Cells()
    calls(cells, server=Ref("AWS-1", "shop", "ledger", "service"), client=Ref("AWS-1", "shop", "gate", "service"))
    end = written(cells)

    assert len(edges(start=end - HOUR, end=end, clusters=("AWS-1",))) == 1
