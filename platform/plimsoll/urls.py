"""Where each address leads."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboards.urls")),
    path("hooks/", include("ingest.webhooks.urls")),
]
