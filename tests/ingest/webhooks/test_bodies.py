"""Bodies of every size, packing and shape (reliability, section 6)."""

import gzip
import json
from urllib.parse import quote

import pytest

from ingest.webhooks.provider import MIB
from plimsoll.store.models import WebhookDelivery
from tests.ingest.webhooks.builders import github, normalised, outcomes, sender

pytestmark = pytest.mark.django_db
BODY = {"action": "created", "hello": "wörld"}


def test_a_body_above_the_limit_is_too_large() -> None:
    alerts = sender("alertmanager")

    assert alerts.send(b" " * (5 * MIB + 1)).status == 413
    assert not WebhookDelivery.objects.exists()


def test_github_may_send_more_than_others() -> None:
    body = json.dumps({"filler": ["x" * 60000] * 100}).encode()
    assert 5 * MIB < len(body) < 25 * MIB

    assert sender("github").send(body, github("star")).status == 202


def test_a_gzip_body_is_unpacked_whether_it_was_signed_before_or_after() -> None:
    ci = sender("github")
    raw = json.dumps(BODY).encode()
    packed = gzip.compress(raw)
    encoding = {"Content-Encoding": "gzip"}

    after = ci.post(packed, ci.signed(packed, github("star", delivery="after")) | encoding)
    before = ci.post(packed, ci.signed(raw, github("star", delivery="before")) | encoding)

    assert (after.status, before.status) == (202, 202)
    assert [bytes(body) for body in WebhookDelivery.objects.values_list("body", flat=True)] == [raw, raw]


def test_a_gzip_bomb_is_too_large() -> None:
    alerts = sender("alertmanager")
    bomb = gzip.compress(b" " * (200 * MIB))

    assert alerts.send(bomb, {"Content-Encoding": "gzip"}).status == 413


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [(b"{}", "gzip", 400), (gzip.compress(b"{}")[:-4], "gzip", 400), (b"{}", "br", 415)],
)
def test_a_wrong_content_encoding_is_refused(body: bytes, encoding: str, status: int) -> None:
    assert sender("alertmanager").send(body, {"Content-Encoding": encoding}).status == status


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100000, b'{"a": ' + b"9" * 10000 + b"}"),
        *(b"[" * 66 + b"]" * 66, json.dumps({"a": "x" * 65537}).encode()),
    ],
)
def test_what_is_no_reasonable_json_is_a_bad_request(body: bytes) -> None:
    answer = sender("github").send(body, github("push"))

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_nesting_of_64_levels_is_accepted() -> None:
    assert sender("github").send(b"[" * 64 + b"]" * 64, github("star")).status == 202


def test_a_form_of_github_is_read_like_json() -> None:
    ci = sender("github")
    release = {
        "action": "published",
        "release": {"tag_name": "v1 +ü", "published_at": "2026-03-02T08:00:00Z"},
        "repository": {"full_name": "acme/checkout"},
    }
    body = ("payload=" + quote(json.dumps(release))).encode()

    answer = ci.send(body, github("release") | {"Content-Type": "application/x-www-form-urlencoded"})
    normalised()

    assert answer.status == 202
    assert outcomes() == [("applied", "")]


def test_a_form_without_a_payload_is_a_bad_request() -> None:
    headers = github("release") | {"Content-Type": "application/x-www-form-urlencoded"}

    assert sender("github").send(b"other=1", headers).status == 400


def test_a_form_of_others_is_refused_with_a_hint() -> None:
    answer = sender("alertmanager").send(b"payload={}", {"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status == 415
    assert "application/json" in answer.body["detail"]
