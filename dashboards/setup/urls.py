"""Where an installation is set up."""

from django.urls import path

from dashboards.access.views import first_person
from dashboards.setup import actions
from dashboards.setup.page import setup

urlpatterns = [
    path("", first_person(setup), name="setup"),
    path("service/", actions.make_service, name="setup_service"),
    path("source/", actions.make_source, name="setup_source"),
    path("token/", actions.make_token, name="setup_token"),
    path("test/", actions.send_test, name="setup_test"),
]
