"""Why a delivery was refused is kept for whoever sets its sender up."""

import json
import time

import pytest

from plimsoll.store.access import new_token
from plimsoll.store.models import Refusal, Team
from plimsoll.store.sources import add_source
from tests.ingest.webhooks.builders import Sender, github, sender, standard_headers

pytestmark = pytest.mark.django_db
RAW = b'{"kind": "release", "repo": "acme/checkout", "version": "1"}'


def kept() -> list[tuple[str, str]]:
    return list(Refusal.objects.order_by("id").values_list("code", "reason"))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_missing_signature_is_told_by_the_header_it_belongs_in() -> None:
    sender("github").post(b"{}", github("push"))

    assert kept() == [("no_proof", "x-hub-signature-256")]


def test_a_wrong_signature_is_told_as_such() -> None:
    sender("github").post(b"{}", github("push", **{"X-Hub-Signature-256": "sha256=" + "0" * 64}))

    assert kept() == [("mismatch", "x-hub-signature-256")]


@pytest.mark.parametrize(("ahead_s", "told"), [(420, "+4"), (-3600, "-3")])
def test_a_clock_that_is_too_far_off_is_told_with_its_seconds(ahead_s: int, told: str) -> None:
    sender("generic").post(RAW, standard_headers(RAW, "m", at=time.time() + ahead_s))

    ((code, seconds),) = kept()
    assert code == "clock"
    assert seconds.startswith(told)
    assert abs(int(seconds) - ahead_s) <= 2


def test_a_token_is_told_by_what_it_lacks() -> None:
    team = Team.objects.create(slug="a", name="A")
    ci = sender("generic")
    reading = new_token("r", ["read"])
    ci.post(RAW, bearer("plm_nobody"))
    ci.post(RAW, bearer(reading))
    ci.post(RAW, bearer(new_token("w", ["write"], team=team)))

    assert [code for code, _ in kept()] == ["token_unknown", "token_scope", "token_team"]
    assert kept()[1][1] == reading[:12]


def test_a_source_without_a_secret_says_so() -> None:
    Sender(add_source("github", "closed")).post(b"{}", github("push"))

    assert kept() == [("no_secret", "")]


def test_a_body_that_breaks_the_schema_is_told_by_its_first_fault() -> None:
    sender("generic").send(json.dumps({"kind": "release", "repo": "a/b"}).encode())

    assert kept() == [("invalid_record", "'version' is a required property")]


def test_a_body_that_is_no_json_is_told() -> None:
    sender("github").send(b"not json", github("push"))

    ((code, reason),) = kept()
    assert (code, reason.startswith("The body is not JSON")) == ("malformed_json", True)


def test_what_is_accepted_leaves_no_refusal() -> None:
    assert sender("generic").send(RAW).status == 202

    assert kept() == []
