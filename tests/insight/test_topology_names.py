"""Which names are one node, read at any time from what was counted under them (mesh-dialects, sections 2.2 and 2.4)."""

import pytest

from plimsoll.store.cells import SPAN_SERVER_PROXY, Cells, Ref
from tests.insight.traffic import FRONTEND, REVIEWS, calls, edge_rows, outside

pytestmark = pytest.mark.django_db

HOST = outside("reviews.shop")
ELSEWHERE = REVIEWS._replace(cluster="c2")
RATINGS = Ref("c1", "shop", "ratings", "service")


def shown(cells: Cells) -> dict[tuple[str, str, str], float]:
    """Write cells and return the requests of edges by client, server and the server's cluster."""
    rows = edge_rows(cells)
    found = {(row.client, row.server, row.server_cluster): row.requests for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_host_read_before_its_namespace_was_known_is_the_service() -> None:
    cells = Cells()
    calls(cells, requests=3, server=HOST)
    calls(cells, requests=4)

    assert shown(cells) == {("frontend", "reviews", "c1"): 7}


def test_a_host_that_may_be_a_service_of_two_clusters_stays_a_host() -> None:
    cells = Cells()
    calls(cells, requests=3, server=HOST)
    calls(cells, requests=4)
    calls(cells, requests=5, server=ELSEWHERE)

    assert shown(cells) == {
        ("frontend", "reviews.shop", ""): 3,
        ("frontend", "reviews", "c1"): 4,
        ("frontend", "reviews", "c2"): 5,
    }


def test_a_host_that_no_service_has_the_name_of_stays_a_host() -> None:
    cells = Cells()
    calls(cells, requests=3, server=outside("github.com"))
    calls(cells, requests=4)

    assert shown(cells) == {("frontend", "github.com", ""): 3, ("frontend", "reviews", "c1"): 4}


def test_a_name_of_the_callers_cluster_is_the_namesake_that_answered_elsewhere() -> None:
    cells = Cells()
    calls(cells, requests=3)
    cells.alias(REVIEWS, ELSEWHERE, "joined", 1)

    assert shown(cells) == {("frontend", "reviews", "c2"): 3}


@pytest.mark.parametrize("pairs", [1, 20])
def test_a_service_that_speaks_for_itself_is_never_its_namesake_of_another_cluster(pairs: int) -> None:
    cells = Cells()
    calls(cells, requests=3)
    calls(cells, requests=2, client=REVIEWS, server=RATINGS)
    cells.alias(REVIEWS, ELSEWHERE, "joined", pairs)

    assert shown(cells) == {("frontend", "reviews", "c1"): 3, ("reviews", "ratings", "c1"): 2}


def test_a_service_that_only_people_call_speaks_for_itself_too() -> None:
    cells = Cells()
    calls(cells, SPAN_SERVER_PROXY, 3, client=Ref("", "", "user", "user"), weight_unknown=3)
    cells.alias(REVIEWS, ELSEWHERE, "joined", 1)

    assert shown(cells) == {("user", "reviews", "c1"): 3}


def test_a_name_that_two_clusters_answered_to_stays_in_the_callers() -> None:
    cells = Cells()
    calls(cells, requests=3)
    cells.alias(REVIEWS, ELSEWHERE, "joined", 5)
    cells.alias(REVIEWS, REVIEWS, "joined", 1)

    assert shown(cells) == {("frontend", "reviews", "c1"): 3}


def test_other_names_of_one_cluster_still_merge() -> None:
    cells = Cells()
    calls(cells, requests=3, server=REVIEWS._replace(name="reviews-http"))
    calls(cells, requests=4, client=FRONTEND)
    cells.alias(REVIEWS._replace(name="reviews-http"), REVIEWS, "joined", 20)

    assert shown(cells) == {("frontend", "reviews", "c1"): 7}
