"""The door over real HTTP connections, several at once."""

import hashlib
import hmac
import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from plimsoll.store.models import WebhookDelivery
from tests.ingest.webhooks.builders import SECRET, Sender, github, normalised, outcomes, records, sender

BODY = (
    b'{"action": "published", "release": {"tag_name": "v1", "published_at": "2026-03-02T08:00:00Z"},'
    b' "repository": {"full_name": "acme/checkout"}}'
)


def posted(server: LiveServer, ci: Sender, delivery: str) -> tuple[int, float]:
    """Post the release over a connection of its own; return the status and the seconds it took."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    signature = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    start = time.perf_counter()
    connection.request("POST", ci.path, BODY, github("release", delivery=delivery) | {"X-Hub-Signature-256": signature})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, time.perf_counter() - start


@pytest.mark.django_db(transaction=True)
def test_of_many_copies_at_once_one_is_accepted_and_counted_once(live_server: LiveServer) -> None:
    ci = sender("github")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: posted(live_server, ci, "d-1"), range(16)))
    normalised()

    assert sorted(status for status, _ in answers) == [200] * 15 + [202]
    assert WebhookDelivery.objects.count() == 1
    assert len(records()) == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_takes_less_than_a_tenth_of_a_second(live_server: LiveServer) -> None:
    ci = sender("github")
    posted(live_server, ci, "first")

    answers = sorted(posted(live_server, ci, f"d-{number}")[1] for number in range(20))

    assert answers[10] < 0.1
    assert normalised() == 21
    assert {status for status, _ in outcomes()} == {"applied"}
