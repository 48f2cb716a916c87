"""The lists and pages of services, deployments, changes and incidents, and the search for them."""

from django.urls import path

from dashboards.pages import deployments

urlpatterns = [
    path("deployments/", deployments.listed, name="deployments"),
]
