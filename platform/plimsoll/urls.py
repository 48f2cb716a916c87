"""Where each address leads."""

from django.urls import include, path

urlpatterns = [
    path("", include("dashboards.urls")),
    path("hooks/", include("ingest.webhooks.urls")),
]

handler400 = "dashboards.pages.errors.bad_request"
handler403 = "dashboards.pages.errors.not_allowed"
handler404 = "dashboards.pages.errors.not_found"
handler500 = "dashboards.pages.errors.broken"
