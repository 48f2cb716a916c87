"""The map of a window: one vertex a service, one arc a pair, whichever clusters they were counted in."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from plimsoll.insight import sketch
from plimsoll.insight.topology import Scope, Vertex, Whole, whole
from plimsoll.store.cells import SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, Cells, Ref
from plimsoll.store.models import Edge, Service, Team
from tests.insight.traffic import FRONTEND, MINUTE, REVIEWS, calls, outside, written

pytestmark = pytest.mark.django_db

QUARTER = timedelta(minutes=15)
EVERYTHING = Scope()


def mapped(cells: Cells, *, later: timedelta = timedelta(0), scope: Scope = EVERYTHING) -> Whole:
    """Write cells, and return the map of the window that ends after them, or later."""
    end = written(cells) + later
    return whole(start=end - QUARTER, end=end, scope=scope)


def by_name(found: Whole) -> dict[str, Vertex]:
    return {vertex.name: vertex for vertex in found.vertices.values()}


def pairs(found: Whole) -> set[str]:
    return {f"{found.vertices[arc.client].name} {found.vertices[arc.server].name}" for arc in found.arcs}


def seen_before(since: timedelta) -> None:
    """Let all edges be known for so long."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE edge SET first_seen = first_seen - make_interval(secs => %s)", [since.total_seconds()])


def test_one_service_in_two_clusters_is_one_vertex_with_both_counts() -> None:
    cells = Cells()
    calls(cells, requests=60, failed=6)
    elsewhere = [ref._replace(cluster="c2") for ref in (FRONTEND, REVIEWS)]
    calls(cells, requests=40, failed=4, client=elsewhere[0], server=elsewhere[1])

    found = mapped(cells)

    reviews = by_name(found)["reviews"]
    (arc,) = found.arcs
    assert (reviews.clusters, reviews.requests, reviews.error_rate) == (("c1", "c2"), 100, 0.1)
    assert (arc.clusters, arc.requests, arc.failed, len(arc.edges)) == (("c1", "c2"), 100, 10, 2)


def test_the_latency_of_an_arc_is_of_all_its_calls_together() -> None:
    cells = Cells()
    calls(cells, requests=50).latency[sketch.bucket_of(10.0)] = 50
    calls(cells, requests=50, protocol="grpc").latency[sketch.bucket_of(400.0)] = 50

    (arc,) = mapped(cells).arcs

    assert arc.protocols == ("grpc", "http")
    assert arc.p50_ms == pytest.approx(10, rel=0.02)
    assert arc.p95_ms == pytest.approx(400, rel=0.02)


def test_a_rate_is_over_the_time_there_can_be_data_for() -> None:
    cells = Cells()
    calls(cells, requests=120)

    found = mapped(cells)

    # The first call came in the minute that has begun, and the map ends at most two minutes after that minute's begin.
    assert 60 <= found.seconds <= 120
    assert found.rate(120) == pytest.approx(120 / found.seconds)


def test_a_rate_is_over_the_window_where_data_is_older() -> None:
    cells = Cells()
    calls(cells)
    written(cells)
    seen_before(timedelta(days=2))

    found = mapped(Cells())

    assert 15 * 60 <= found.seconds <= 16 * 60


def test_nothing_is_new_in_an_installations_first_minutes() -> None:
    cells = Cells()
    calls(cells)

    (arc,) = mapped(cells).arcs

    assert not arc.is_new


def test_a_call_that_was_never_seen_before_the_window_is_new() -> None:
    cells, more = Cells(), Cells()
    calls(cells)
    written(cells)
    seen_before(timedelta(hours=2))
    calls(more, server=outside("bank.example"))

    found = mapped(more)

    assert {found.vertices[arc.server].name: arc.is_new for arc in found.arcs} == {
        "reviews": False,
        "bank.example": True,
    }


def test_a_service_without_calls_in_the_window_stays_and_is_idle() -> None:
    cells = Cells()
    calls(cells)

    found = mapped(cells, later=timedelta(hours=2))

    assert {name: (v.is_idle, v.error_rate, v.p95_ms) for name, v in by_name(found).items()} == {
        "frontend": (True, None, None),
        "reviews": (True, None, None),
    }
    assert found.arcs == ()
    assert len(found.quiet) == 1


def test_calls_that_ended_in_the_window_before_are_gone() -> None:
    cells = Cells()
    calls(cells)

    (arc,) = mapped(cells, later=timedelta(minutes=20)).arcs

    assert (arc.is_gone, arc.requests, arc.error_rate) == (True, 0, None)


def test_what_was_last_seen_over_a_week_ago_is_not_on_the_map() -> None:
    cells = Cells()
    calls(cells)

    found = mapped(cells, later=timedelta(days=8))

    assert (found.vertices, found.arcs, found.known_since) == ({}, (), None)


def test_callers_outside_have_no_place_and_their_calls_count_where_they_arrive() -> None:
    cells = Cells()
    user = Ref("", "", "user", "user")
    calls(cells, SPAN_CLIENT_PROXY, 30, client=user, server=FRONTEND, weighted_requests=30)

    found = mapped(cells)

    assert (found.arcs, by_name(found)["frontend"].requests) == ((), 30)


def test_only_what_is_within_one_call_of_a_teams_services_shows() -> None:
    cells = Cells()
    deep = Ref("c1", "shop", "ratings", "service")
    calls(cells)
    calls(cells, client=REVIEWS, server=deep)
    calls(cells, client=deep, server=outside("far.example"))
    written(cells)
    Service.objects.filter(name="frontend").update(team=Team.objects.create(slug="web", name="Web"))

    found = mapped(Cells(), scope=Scope(teams=("web",)))

    assert pairs(found) == {"frontend reviews"}


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        (Scope(environments=("production",)), {"frontend reviews"}),
        (Scope(environments=("staging",)), {"frontend far.example"}),
        (Scope(clusters=("C1",)), {"frontend reviews", "frontend far.example"}),
        (Scope(clusters=("c9",)), set()),
        (Scope(namespaces=("shop",)), {"frontend reviews", "frontend far.example"}),
        (Scope(services=("shop/reviews",)), {"frontend reviews"}),
    ],
)
def test_a_scope_narrows_what_shows(scope: Scope, shown: set[str]) -> None:
    cells = Cells()
    calls(cells, environment="production")
    calls(cells, environment="staging", server=outside("far.example"))

    assert pairs(mapped(cells, scope=scope)) == shown


@pytest.mark.parametrize("scope", [Scope(services=("shop/reviews",)), Scope(clusters=("c2",))])
def test_a_neighbour_served_whatever_others_asked_of_it(scope: Scope) -> None:
    cells = Cells()
    user, far = Ref("", "", "user", "user"), REVIEWS._replace(cluster="c2")
    ratings = Ref("c1", "shop", "ratings", "service")
    asked = calls(cells, SPAN_CLIENT_PROXY, 300, client=user, server=FRONTEND, weighted_requests=300, weighted_failed=3)
    asked.latency[sketch.bucket_of(40.0)] = 300
    calls(cells, requests=60, server=far)
    calls(cells, requests=20, client=far, server=ratings)
    calls(cells, requests=80, server=ratings)
    calls(cells, requests=500, client=outside("batch.example"), server=ratings, environment="staging")
    calls(cells, requests=500, client=ratings, server=outside("far.example"))

    found = mapped(cells, scope=replace(scope, environments=("",)))

    assert pairs(found) == {"frontend reviews", "reviews ratings"}
    assert {name: v.requests for name, v in by_name(found).items()} == {"frontend": 300, "reviews": 60, "ratings": 100}
    gateway = by_name(found)["frontend"]
    assert gateway.error_rate == 0.01
    assert gateway.p95_ms == pytest.approx(40, rel=0.02)
    assert [name for name, v in by_name(found).items() if not v.is_neighbour] == ["reviews"]


@pytest.mark.parametrize(("by_whom", "served"), [("named", 70), ("unnamed", 70), ("itself", 0)])
def test_a_neighbour_that_others_call_is_not_idle_where_those_asked_for_fell_silent(by_whom: str, served: int) -> None:
    cells, more = Cells(), Cells()
    ratings = Ref("c1", "shop", "ratings", "service")
    calls(cells, client=REVIEWS, server=ratings)
    written(cells)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM edge_minute")
    if by_whom == "named":
        calls(more, requests=70, server=ratings)
    elif by_whom == "itself":
        calls(more, client=ratings, server=outside("bank.example"))
    else:
        more.add_node(ratings, "", SPAN_SERVER_PROXY, int(time.time()) // 60, unattributed=70)

    found = by_name(mapped(more, scope=Scope(services=("reviews",))))

    assert {name: (v.is_idle, v.requests) for name, v in found.items()} == {
        "ratings": (False, served),
        "reviews": (True, 0),
    }


def test_of_a_service_in_two_clusters_only_the_one_asked_for_counts() -> None:
    cells = Cells()
    far = FRONTEND._replace(cluster="c2")
    calls(cells, requests=70)
    calls(cells, requests=30, client=far, server=REVIEWS._replace(cluster="c2"))
    calls(cells, requests=5, client=REVIEWS, server=far)

    found = by_name(mapped(cells, scope=Scope(clusters=("c2",))))

    assert found["reviews"].requests == 30


def test_a_vertex_keeps_its_number_whatever_is_asked_for() -> None:
    cells = Cells()
    elsewhere = [ref._replace(cluster="c2") for ref in (FRONTEND, REVIEWS)]
    calls(cells)
    calls(cells, client=elsewhere[0], server=elsewhere[1])

    everything = by_name(mapped(cells))
    narrowed = by_name(mapped(Cells(), scope=Scope(clusters=("c2",))))

    assert {name: v.id for name, v in narrowed.items()} == {name: v.id for name, v in everything.items()}


def test_the_declared_tier_is_known() -> None:
    cells = Cells()
    calls(cells)
    written(cells)
    Service.objects.filter(name="reviews").update(tier="shared")

    found = by_name(mapped(Cells()))

    assert (found["reviews"].tier, found["frontend"].tier) == ("shared", "")


def test_an_edge_says_when_it_was_seen_first() -> None:
    cells = Cells()
    calls(cells)

    (arc,) = mapped(cells).arcs
    edge = Edge.objects.get()

    assert isinstance(arc.first_seen, datetime)
    assert arc.first_seen == edge.first_seen
    assert arc.edges == (edge.pk,)
    assert arc.last_seen - arc.first_seen < MINUTE
