"""Every signature scheme verifies its known-answer vectors and nothing else."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.webhooks import signatures

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "payloads" / "signatures.json").read_text(encoding="utf-8"))
NOW = 1772438400.0
BODY = '{"hello":"wörld","n":1}'.encode()

Verify = Callable[[bytes, Mapping[str, str], list[str], float], bool]


def _bare(header: str) -> Verify:
    return lambda body, headers, secrets, now: signatures.bare_hex(body, headers, secrets, header=header)


def _versions(header: str) -> Verify:
    return lambda body, headers, secrets, now: signatures.version_list(body, headers, secrets, header=header)


def _token(header: str) -> Verify:
    return lambda body, headers, secrets, now: signatures.token(headers, secrets, header=header)


SCHEMES: dict[str, dict[str, Verify]] = {
    "hex with prefix sha256=": {"": lambda b, h, s, now: signatures.hub(b, h, s)},
    "hex with prefix sha256= in X-Hub-Signature": {
        "": lambda b, h, s, now: signatures.hub(b, h, s, header="X-Hub-Signature")
    },
    "hex without prefix": {
        name: _bare(name)
        for name in (
            *("X-Gitea-Signature", "Sentry-Hook-Signature", "X-Sonar-Webhook-HMAC-SHA256"),
            "X-Grafana-Alerting-Signature",
        )
    },
    'hex over "<timestamp>:<body>"': {
        "": lambda b, h, s, now: signatures.timed_hex(
            b, h, s, header="X-Grafana-Alerting-Signature", time_header="X-Grafana-Alerting-Timestamp", now=now
        )
    },
    "comma list of v1=<hex>, any match": {
        name: _versions(name) for name in ("X-PagerDuty-Signature", "Circleci-Signature")
    },
    'timestamp=<t>,signature=<hex> over "<t>.<body>"': {
        "": lambda b, h, s, now: signatures.time_and_signature(b, h, s, header="X-Buildkite-Signature", now=now)
    },
    "<algorithm>=<hex>": {"": lambda b, h, s, now: signatures.algorithm_hex(b, h, s)},
    'Standard Webhooks v1,<base64> over "<id>.<timestamp>.<body>", key = base64 part of whsec_': {
        "": lambda b, h, s, now: signatures.standard(b, h, s, now=now)
    },
    "plain token": {name: _token(name) for name in ("X-Gitlab-Token", "X-Buildkite-Token")},
}


def _cases() -> list[Any]:
    return [
        pytest.param(vector, verify, id=f"{vector['scheme']} {header or vector['providers']} {index}")
        for index, vector in enumerate(VECTORS)
        if not vector["scheme"].startswith("outgoing")
        for header, verify in SCHEMES[vector["scheme"]].items()
    ]


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize(("vector", "verify"), _cases())
def test_a_known_answer_verifies(vector: dict[str, Any], verify: Verify) -> None:
    body, headers, now = vector["body"].encode(), _lower(vector["headers"]), vector.get("now", 0.0)

    assert verify(body, headers, [vector["secret"]], now)
    assert verify(body, {name: f"  {value} " for name, value in headers.items()}, ["new", vector["secret"]], now)


@pytest.mark.parametrize(("vector", "verify"), _cases())
def test_another_secret_does_not_verify(vector: dict[str, Any], verify: Verify) -> None:
    body, headers, now = vector["body"].encode(), _lower(vector["headers"]), vector.get("now", 0.0)

    assert not verify(body, headers, ["whsec_b3RoZXI=", "other"], now)
    assert not verify(body, headers, [], now)
    assert not verify(body, {}, [vector["secret"]], now)


@pytest.mark.parametrize(("vector", "verify"), [case for case in _cases() if "plain token" not in str(case.id)])
def test_another_body_does_not_verify(vector: dict[str, Any], verify: Verify) -> None:
    headers, now = _lower(vector["headers"]), vector.get("now", 0.0)

    assert not verify(vector["body"].encode() + b" ", headers, [vector["secret"]], now)


@pytest.mark.parametrize(("vector", "verify"), [case for case in _cases() if "now" in case.values[0]])
def test_an_old_or_early_signed_time_does_not_verify(vector: dict[str, Any], verify: Verify) -> None:
    body, headers = vector["body"].encode(), _lower(vector["headers"])

    assert verify(body, headers, [vector["secret"]], vector["now"] + 300)
    assert not verify(body, headers, [vector["secret"]], vector["now"] + 301)
    assert not verify(body, headers, [vector["secret"]], vector["now"] - 301)


@pytest.mark.parametrize(
    "claimed",
    [
        "",
        "sha256=",
        "sha1=0be0b5f4d2b5ea5d0d8c8b3d1b0a0c0d",
        "sha256=zz",
        "sha256=476db68d",
        "sha256=wörld",
        "476db68dc907ce3c35362c9f19deb2f17671b052aada59a79773a43503d71dfe",
    ],
)
def test_a_malformed_hub_signature_does_not_verify(claimed: str) -> None:
    assert not signatures.hub(BODY, {"x-hub-signature-256": claimed}, ["s3cr3t"])


def test_unknown_versions_are_skipped() -> None:
    right = "v1=476db68dc907ce3c35362c9f19deb2f17671b052aada59a79773a43503d71dfe"

    assert signatures.version_list(BODY, {"x": f"v0=12, {right}"}, ["s3cr3t"], header="x")
    assert not signatures.version_list(BODY, {"x": right.replace("v1", "v2")}, ["s3cr3t"], header="x")


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_longer_hashes_verify_where_the_algorithm_is_named(algorithm: str) -> None:
    claimed = hmac.new(b"s3cr3t", BODY, algorithm).hexdigest()

    assert signatures.algorithm_hex(BODY, {"x-signature": f"{algorithm}={claimed}"}, ["s3cr3t"])


def test_sha1_is_refused_where_the_algorithm_is_named() -> None:
    claimed = hmac.new(b"s3cr3t", BODY, "sha1").hexdigest()

    assert not signatures.algorithm_hex(BODY, {"x-signature": f"sha1={claimed}"}, ["s3cr3t"])


def test_a_bearer_or_the_password_of_basic_is_the_secret() -> None:
    basic = b64encode(b"anyone:s3cr3t").decode()

    assert signatures.bearer_or_basic({"authorization": "Bearer s3cr3t"}, ["s3cr3t"])
    assert signatures.bearer_or_basic({"authorization": f"basic {basic}"}, ["s3cr3t"])


@pytest.mark.parametrize("claimed", ["", "Bearer", "Bearer ", "Bearer no", "Basic !!", "Basic czNjcjN0", "s3cr3t"])
def test_other_credentials_are_refused(claimed: str) -> None:
    assert not signatures.bearer_or_basic({"authorization": claimed}, ["s3cr3t"])


def test_a_standard_secret_may_be_any_text() -> None:
    signed = hmac.digest(b"s3cr3t", b"m." + b"1772438400." + BODY, "sha256")
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1772438400",
        "webhook-signature": f"v2,abc v1,{b64encode(signed).decode()}",
    }

    assert signatures.standard(BODY, headers, ["s3cr3t"], now=NOW)
