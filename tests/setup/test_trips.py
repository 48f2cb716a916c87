"""Tests of the way in through real sources of a running server, as the setup page sends them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from pytest_django import Settings

from ingest.webhooks import normalise
from plimsoll.env import parse_address
from plimsoll.setup import trips
from plimsoll.store.environments import TEST
from plimsoll.store.models import Deployment, Incident, Refusal, Source, Token, WebhookDelivery
from plimsoll.store.sources import add_source
from tests.dashboards.conftest import address

__all__ = ["address"]

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def working() -> Iterator[None]:
    """A worker that reads what is delivered."""
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            normalise.run()
            time.sleep(0.05)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def web(address: str, settings: Settings) -> None:
    settings.WEB = parse_address(address.removeprefix("http://"), "test")


@pytest.mark.parametrize(
    ("provider", "secret"),
    [
        ("github", "s" * 32),
        ("alertmanager", "s" * 32),
        ("generic", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("generic", None),
    ],
)
def test_every_kind_of_sender_is_tested_by_what_it_really_sends(web: None, provider: str, secret: str | None) -> None:
    source = add_source(provider, "x", secret=secret)

    with working():
        trip = trips.webhook(source, 10)

    delivery = WebhookDelivery.objects.get()
    assert trip.outcome == "arrived"
    assert delivery.headers["user-agent"] == TEST
    assert delivery.status in ("applied", "ignored")
    assert (Deployment.objects.count(), Incident.objects.count(), Token.objects.count()) == (0, 0, 0)


def test_it_asks_by_a_name_that_the_server_answers_to(web: None, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [".plimsoll.example"]

    status, _ = trips.request("GET", "/api/v1/deployments/")

    # It asks who we are; a name that it does not know it would refuse with 400.
    assert status == 401


def test_without_a_worker_it_is_accepted_and_never_seen(web: None) -> None:
    trip = trips.webhook(add_source("generic", "x"), 0.3)

    assert (trip.outcome, WebhookDelivery.objects.get().status) == ("unseen", "pending")


def test_a_refusal_has_its_status_and_its_reason(web: None) -> None:
    source = add_source("github", "x", secret="s" * 32)
    other = add_source("github", "y", secret="t" * 32)
    Source.objects.filter(pk=source.pk).update(secrets=other.secrets)
    # The source as somebody knows it who has not heard of its new secret.
    trip = trips.webhook(source, 1)

    refusal = trips.latest_refusal(source)
    assert (trip.outcome, trip.status) == ("refused", "401")
    assert refusal is not None
    assert (refusal.code, Refusal.objects.count()) == ("mismatch", 1)


def test_a_server_that_does_not_answer_is_a_refusal_without_a_status(settings: Settings) -> None:
    settings.WEB = parse_address("127.0.0.1:1", "test")

    trip = trips.webhook(add_source("github", "x", secret="s"), 1)

    assert (trip.outcome, trip.status) == ("refused", "")
