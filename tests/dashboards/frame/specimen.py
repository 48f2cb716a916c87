"""A page of every state and part, so that they can be looked at: the addresses of the product and one more."""

from django.db import connection
from django.urls import path

from dashboards.frame import states
from dashboards.frame.page import NotHere, Visit, page
from dashboards.urls import urlpatterns as product

ALL = (
    states.loading(),
    states.not_connected("No incident source yet.", states.Action("Connect", "/setup/")),
    states.empty("0 deployments from 1 to 7 Nov."),
    states.not_enough("n = 3 (5 needed for a level)"),
    states.partial("2 of 3 clusters."),
    states.stale("Data ends 09:18 (12 min ago)"),
    states.failed("The map could not be computed. The list view works.", request_id="7f3a"),
    states.no_permission("Ask an owner of team Permits."),
)


def out_of_time() -> None:
    """Ask the database something that takes it longer than it may."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10")
        cursor.execute("SELECT pg_sleep(5)")


@page("specimen.html", name="overview")
def specimen(visit: Visit) -> dict[str, object]:
    if visit.request.GET.get("missing"):
        raise NotHere("There is no such specimen.")
    if visit.request.GET.get("slow"):
        out_of_time()
    if visit.request.GET.get("colliding"):
        return {"heading": "Specimen", "bar": None}
    return {"heading": "Specimen", "states": ALL, "values": [3.0, None, 4.0, 2.0, 5.0], "mark": 4.5}


urlpatterns = [path("specimen/", specimen, name="specimen"), *product]
