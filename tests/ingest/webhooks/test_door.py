"""What the endpoint answers to good, bad and hostile requests (reliability, section 6)."""

import json
import logging

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from plimsoll.store.access import new_token
from plimsoll.store.models import Source, Team, WebhookDelivery
from plimsoll.store.sources import add_source, rotate_secret
from tests.ingest.webhooks.builders import Sender, github, outcomes, sender, standard_headers

pytestmark = pytest.mark.django_db
BODY = {"action": "created", "hello": "wörld"}
RELEASE = {"kind": "release", "repo": "acme/checkout", "version": "1.9.0"}


def test_a_delivery_is_stored_before_it_is_accepted() -> None:
    ci = sender("github")

    answer = ci.send(BODY, github("star", delivery="d-1"))

    kept = WebhookDelivery.objects.get()
    assert (answer.status, answer.body) == (202, {"status": "accepted", "id": str(kept.pk)})
    assert (kept.key, kept.event, kept.status) == ("d-1", "star.created", "pending")
    assert json.loads(bytes(kept.body)) == BODY


def test_what_proves_the_sender_is_never_stored() -> None:
    ci = sender("github")

    ci.send(BODY, github("star", Authorization="Bearer x", Cookie="a=b", **{"X-Gitlab-Token": "x", "X-Other": "y"}))

    assert set(WebhookDelivery.objects.get().headers) == {"content-type", "x-github-event", "x-github-delivery"}


def test_no_signature_is_refused_with_an_empty_body_and_counted() -> None:
    ci = sender("github")

    answer = ci.post(b"{}", github("push"))

    assert (answer.status, answer.body) == (401, None)
    assert Source.objects.get().refused == 1
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("signature", ["sha256=00", "sha256=zz", "sha1=" + "0" * 40, "sha256=" + "0" * 64, "wörld"])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    answer = sender("github").post(b"{}", github("push", **{"X-Hub-Signature-256": signature}))

    assert answer.status == 401


def test_a_signature_over_reserialised_json_is_refused() -> None:
    ci = sender("github")
    headers = ci.signed(b'{"a": 1}', github("push"))

    assert ci.post(b'{"a":1}', headers).status == 401


def test_authentication_comes_before_parsing() -> None:
    ci = sender("github")

    assert ci.post(b"not json", github("push")).status == 401
    assert ci.send(b"not json", github("push")).status == 400


def test_both_active_secrets_open_the_door() -> None:
    ci = sender("github")
    rotate_secret(ci.source, "newer")

    assert ci.send(BODY, github("star")).status == 202


def test_a_source_without_a_secret_takes_nothing_unless_it_says_so() -> None:
    closed = Sender(add_source("github", "closed"))
    opened = Sender(add_source("github", "open", settings={"allow_unsigned": True}))

    assert closed.post(b"{}", github("star")).status == 401
    assert opened.post(b"{}", github("star")).status == 202


def test_a_source_with_a_secret_takes_nothing_unsigned_whatever_it_says() -> None:
    ci = sender("github", {"allow_unsigned": True})

    assert ci.post(b"{}", github("star")).status == 401


def test_an_unknown_source_or_provider_is_not_found() -> None:
    ci = sender("github")
    client = Client()

    for path in (
        f"/hooks/generic/{ci.source.public_id}",
        "/hooks/github/unknown",
        "/hooks/nothing/x",
        "/hooks/github/%00",
    ):
        response = client.post(path, data=b"{}", content_type="application/json")

        assert response.status_code == 404
        assert json.loads(response.content)["code"] == "unknown_source"


def test_only_posting_is_allowed(caplog: pytest.LogCaptureFixture) -> None:
    path = sender("github").path

    with caplog.at_level(logging.INFO):
        response = Client().get(path)

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert json.loads(response.content)["code"] == "method_not_allowed"
    # Of senders that cannot sign, the path is the secret.
    assert path not in caplog.text


def test_a_malformed_body_is_refused_with_the_place_where_it_breaks() -> None:
    answer = sender("github").send(b'{"a":}', github("push"))

    assert (answer.status, answer.body["code"]) == (400, "malformed_json")
    assert answer.body["detail"] == "The body is not JSON: Expecting value, line 1 column 6."


def test_secrets_that_cannot_be_read_are_our_fault_and_not_the_senders(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ci = sender("github")
    settings.SECRET_KEY = "another-secret-key-of-this-installation"

    answer = ci.send(BODY, github("star"))

    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "test: The source's secrets were encrypted with another PLIMSOLL_SECRET_KEY" in caplog.text
    assert not WebhookDelivery.objects.exists()


def test_the_same_delivery_again_is_a_duplicate() -> None:
    ci = sender("github")
    ci.send(BODY, github("star", delivery="d-1"))

    answer = ci.send(BODY, github("star", delivery="d-1"))

    assert (answer.status, answer.body) == (200, {"status": "duplicate"})
    assert WebhookDelivery.objects.count() == 1


def test_another_body_under_the_same_key_is_dropped_with_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    ci = sender("github")
    ci.send(BODY, github("star", delivery="d-1"))

    with caplog.at_level(logging.WARNING):
        answer = ci.send({"action": "deleted"}, github("star", delivery="d-1"))

    assert answer.status == 200
    assert json.loads(bytes(WebhookDelivery.objects.get().body)) == BODY
    assert "another body under the delivery key d-1" in caplog.text


def test_a_delivery_without_an_id_is_known_by_its_body() -> None:
    ci = sender("github")
    headers = {"X-GitHub-Event": "star"}

    assert ci.send(BODY, headers).status == 202
    assert ci.send(BODY, headers).status == 200


def test_a_very_long_delivery_id_still_makes_a_key() -> None:
    ci = sender("github")

    assert ci.send(BODY, github("star", delivery="x" * 5000)).status == 202
    assert ci.send(BODY, github("star", delivery="x" * 5000)).status == 200


def test_a_ping_is_answered_at_once_and_verifies_the_source() -> None:
    ci = sender("github")

    answer = ci.send({"zen": "Keep it.", "hook_id": 109948940}, github("ping"))

    assert (answer.status, answer.body) == (200, {"status": "pong"})
    assert Source.objects.get().verified_at is not None
    assert outcomes() == [("ignored", "ping of hook 109948940")]


def test_an_old_signed_time_is_refused() -> None:
    ci = sender("generic")
    raw = json.dumps(RELEASE).encode()

    assert ci.post(raw, standard_headers(raw, "m-1", at=1772438400)).status == 401


def test_a_token_that_may_write_opens_the_generic_door() -> None:
    ci = sender("generic")
    raw = json.dumps(RELEASE).encode()

    writing = ci.post(raw, {"Authorization": f"Bearer {new_token('ci', ['write'])}"})
    reading = ci.post(raw, {"Authorization": f"Bearer {new_token('bi', ['read'])}"})

    assert (writing.status, reading.status) == (202, 401)


def test_a_token_of_another_team_opens_nothing() -> None:
    ours, theirs = (Team.objects.create(slug=slug, name=slug) for slug in ("ours", "theirs"))
    ci = Sender(add_source("generic", "ours", team=ours))
    raw = json.dumps(RELEASE).encode()

    assert ci.post(raw, {"Authorization": f"Bearer {new_token('a', ['write'], team=theirs)}"}).status == 401
    assert ci.post(raw, {"Authorization": f"Bearer {new_token('b', ['write'], team=ours)}"}).status == 202


def test_a_token_opens_no_door_of_a_provider_that_signs() -> None:
    headers = github("star", Authorization=f"Bearer {new_token('ci', ['write'])}")

    assert sender("github").post(b"{}", headers).status == 401


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_a_503_with_a_time_to_come_back() -> None:
    ci = sender("github")
    blocker = connection.copy()
    with blocker.cursor() as other, connection.cursor() as cursor:
        other.execute("BEGIN")
        other.execute("LOCK TABLE webhook_delivery")
        cursor.execute("SET lock_timeout = '50ms'")

        answer = ci.send(BODY, github("star"))

        cursor.execute("RESET lock_timeout")
        other.execute("ROLLBACK")
    blocker.close()
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert ci.send(BODY, github("star")).status == 202


def test_a_refusal_is_not_logged_with_its_path(caplog: pytest.LogCaptureFixture) -> None:
    ci = sender("github")

    with caplog.at_level(logging.INFO):
        refused = ci.post(b"{}", github("push"))
        malformed = ci.send(b"{", github("push"))

    assert (refused.status, malformed.status) == (401, 400)
    assert ci.source.public_id not in caplog.text
