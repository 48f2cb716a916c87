"""Pages and the API."""

from django.urls import URLPattern, URLResolver, include, path

from dashboards import health
from dashboards.wall import wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("dashboards.api.urls")),
    path("wall/<slug:slug>/", wall, name="wall"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
