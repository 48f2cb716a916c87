"""Where senders post."""

from django.urls import path

from ingest.webhooks.views import deliver

urlpatterns = [path("<slug:provider>/<str:public_id>", deliver, name="hook")]
