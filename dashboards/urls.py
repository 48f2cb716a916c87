"""Pages and the API."""

from django.urls import URLPattern, URLResolver, include, path

from dashboards.wall import wall

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("dashboards.api.urls")),
    path("wall/<slug:slug>/", wall, name="wall"),
]
