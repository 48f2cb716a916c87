"""Pages, the API and the probes."""

from django.urls import URLPattern, URLResolver, include, path

from dashboards import health
from dashboards.frame.preferences import prefer
from dashboards.live.access import admitted
from dashboards.topology.anew import anew
from dashboards.topology.page import topology
from dashboards.wallboard.page import wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("preferences/", prefer, name="preferences"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/", include("dashboards.api.urls")),
    path("", include("dashboards.pages.urls")),
    # What follows a 204 here is in dashboards/live/asgi.py.
    path("live", admitted, name="live"),
    path("", include("dashboards.access.urls")),
    path("settings/", include("dashboards.settings.urls")),
    path("setup/", include("dashboards.setup.urls")),
    path("topology/", topology, name="topology"),
    path("topology/layout/", anew, name="topology_layout"),
    path("wall/<slug:slug>/", wall, name="wall"),
]
