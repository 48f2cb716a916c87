"""The search of the top bar, and what is shown where nothing is."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from plimsoll.store.models import Node
from plimsoll.urls import handler404, handler500
from plimsoll.urls import urlpatterns as product
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, queries_of, text_of

pytestmark = pytest.mark.django_db

__all__ = ["handler404", "handler500"]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("A defect.")


urlpatterns = [path("breaks/", breaks), *product]


def found(words: str) -> str:
    return text_of(looked_at(f"/search/?q={words}"))


def company() -> None:
    builders.deployment("ledger", "payments", version="v3.1.0", sha="abc123" + "0" * 34)
    builders.deployment("tiles", "transport", version="v9", sha="f" * 40)
    builders.incident("ledger", title="Payment confirmations delayed")
    Node.objects.create(cluster="c", namespace="data", name="pg-ledger", display="pg-ledger", kind="database",
                        identity_class="database")  # fmt: skip


def test_a_part_of_a_name_finds_services_incidents_and_nodes() -> None:
    company()

    assert "Services ledger Payments" in found("ledg")
    assert "On the map pg-ledger data c" in found("ledg")
    assert "Payment confirmations delayed" in found("confirmations")
    assert "Teams Payments" in found("paym")


def test_tests_of_the_way_in_are_not_found() -> None:
    builders.service("plimsoll-check-server")
    builders.service("plimsoll-checkout")

    said = found("plimsoll-check")

    assert "plimsoll-checkout" in said
    assert "plimsoll-check-server" not in said


@pytest.mark.parametrize("words", ["v3.1", "abc123", "ledger+v3.1.0", "ABC1"])
def test_a_version_or_a_commit_finds_its_deployment(words: str) -> None:
    company()

    text = found(words)

    assert "ledger v3.1.0" in text
    assert "tiles" not in text


@pytest.mark.parametrize("words", ["nowhere", "%25", "_", "'; --"])
def test_words_that_nothing_has_find_nothing(words: str) -> None:
    company()

    assert "Nothing has" in found(words)


def test_a_character_of_code_nought_is_left_out_and_told() -> None:
    company()

    assert "Write a part of a name" in found("%00x")


def test_nothing_is_asked_without_words() -> None:
    assert "Write a part of a name" in found("+")


def test_a_reader_of_one_team_finds_its_things_alone() -> None:
    company()

    page = looked_at("/search/?q=e", builders.reading(builders.team("transport")))

    assert "tiles" in page
    assert "ledger" not in text_of(page)
    assert "Payments" not in text_of(page)


def test_more_that_is_found_takes_as_many_questions() -> None:
    headers = builders.reading()
    company()
    builders.deployment("e", version="e")
    looked_at("/search/?q=e", headers)
    few = queries_of(lambda: looked_at("/search/?q=e", headers))
    for _ in range(4):
        builders.deployment(f"e{_}", version=f"e{_}")
        builders.incident(f"e{_}", title="e")

    assert queries_of(lambda: looked_at("/search/?q=e", headers)) == few <= 22


def test_an_address_that_leads_nowhere_offers_the_search() -> None:
    response = Client().get("/nowhere/", headers=builders.reading())

    page = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing at this address." in page
    assert 'action="/search/"' in page


@override_settings(ROOT_URLCONF="tests.dashboards.pages.test_search")
def test_a_defect_is_told_with_the_number_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    response = Client(raise_request_exception=False).get("/breaks/")

    page, number = response.content.decode(), response["X-Request-ID"]
    assert response.status_code == 500
    assert number in page
    assert any(number in record.getMessage() for record in caplog.records)
    assert "A defect." not in page
