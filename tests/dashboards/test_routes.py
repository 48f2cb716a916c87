"""Each address leads where it should."""

import pytest
from django.test import Client
from django.urls import resolve


def test_the_process_says_that_it_is_alive_without_asking_anybody() -> None:
    response = Client().get("/healthz")

    assert response.status_code == 200


def test_the_address_that_is_shown_is_the_overview() -> None:
    assert resolve("/").url_name == "overview"


@pytest.mark.django_db
def test_readiness_names_each_part() -> None:
    response = Client().get("/readyz")

    assert response.status_code in (200, 503)
    assert {"database", "schema"} <= set(str(response.json()).replace("'", " ").split())
