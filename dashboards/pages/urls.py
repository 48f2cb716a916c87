"""The lists and pages of services, deployments, changes and incidents, and the search for them."""

from django.urls import path

from dashboards.pages import deployment, deployments
from dashboards.pages.overview import overview
from dashboards.pages.team import team
from dashboards.pages.teams import teams
from dashboards.pages.why import why

urlpatterns = [
    path("", overview, name="overview"),
    path("teams/", teams, name="teams"),
    path("teams/<slug:slug>/", team, name="team"),
    path("why/<slug:metric>/", why, name="why"),
    path("deployments/", deployments.listed, name="deployments"),
    path("deployments/<int:pk>/", deployment.shown, name="deployment"),
]
