"""The lists and pages of services, deployments, changes and incidents, and the search for them."""

from django.urls import path

from dashboards.pages import changes, deeds, deployment, deployments, incident, incidents, search, service, services
from dashboards.pages.overview import overview
from dashboards.pages.tables import table
from dashboards.pages.team import team
from dashboards.pages.teams import teams
from dashboards.pages.why import why

urlpatterns = [
    path("", overview, name="overview"),
    path("teams/", teams, name="teams"),
    path("teams/<slug:slug>/", team, name="team"),
    path("why/<slug:metric>/", why, name="why"),
    path("services/", services.listed, name="services"),
    path("services/rows.csv", table(services.ask), name="services_table"),
    path("services/<path:name>/", service.shown, name="service"),
    path("changes/", changes.listed, name="changes"),
    path("changes/rows.csv", table(changes.ask), name="changes_table"),
    path("incidents/", incidents.listed, name="incidents"),
    path("incidents/rows.csv", table(incidents.ask), name="incidents_table"),
    path("incidents/<int:pk>/", incident.shown, name="incident"),
    path("incidents/<int:pk>/<slug:what>/", deeds.act, name="incident_deed"),
    path("search/", search.search, name="search"),
    path("deployments/", deployments.listed, name="deployments"),
    path("deployments/rows.csv", table(deployments.ask), name="deployments_table"),
    path("deployments/<int:pk>/", deployment.shown, name="deployment"),
]
