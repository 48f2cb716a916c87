"""What was sent is what is shown, to the last one."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, set_span_in_context

from tests.console.installation import Installation, plimsoll

CALLS, DEPLOYMENTS = 400, 10
SECRET = "a secret of the test"


class Insistent(SpanExporter):
    """The SDK's own exporter, asked again until the receiver has acknowledged."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._exporter = OTLPSpanExporter(address, insecure=True, timeout=5)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._exporter.export(spans) is SpanExportResult.SUCCESS:
                return SpanExportResult.SUCCESS
            time.sleep(0.2)
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self._exporter.shutdown()


def provider(service: str, address: str) -> TracerProvider:
    made = TracerProvider(resource=Resource({"service.name": service, "k8s.namespace.name": "shop"}))
    made.add_span_processor(BatchSpanProcessor(Insistent(address), max_queue_size=100_000, max_export_batch_size=256))
    return made


def call(frontend: TracerProvider, reviews: TracerProvider, n: int) -> None:
    """Make one call from frontend to reviews; each tenth fails."""
    status = 500 if n % 10 == 0 else 200
    asked = frontend.get_tracer("test").start_span(
        "GET", kind=SpanKind.CLIENT, attributes={"server.address": "reviews", "http.response.status_code": status}
    )
    here = asked.get_span_context()
    remote = SpanContext(here.trace_id, here.span_id, is_remote=True, trace_flags=here.trace_flags)
    answered = reviews.get_tracer("test").start_span(
        "GET /",
        kind=SpanKind.SERVER,
        context=set_span_in_context(NonRecordingSpan(remote)),
        attributes={"http.response.status_code": status},
    )
    for span in (answered, asked):
        if status == 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def webhooks(started: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (event, body) of GitHub: of each deployment its push, its creation, its start and its success."""
    previous = "0" * 40
    repository = {"name": "checkout", "full_name": "acme/checkout", "default_branch": "main"}
    for n in range(DEPLOYMENTS):
        at = started + timedelta(hours=n)
        sha = f"{n + 1:040x}"
        commit = {"id": sha, "timestamp": at.isoformat(), "author": {"name": "lin"}, "message": f"Change {n}"}
        yield "push", {
            "ref": "refs/heads/main", "before": previous, "after": sha, "repository": repository, "commits": [commit],
            "head_commit": commit, "deleted": False, "forced": False,
        }  # fmt: skip
        deployment = {
            "id": 1000 + n, "sha": sha, "ref": "main", "environment": "production", "created_at": _time(at, 10),
            "creator": {"login": "ci"}, "payload": {}, "task": "deploy",
        }  # fmt: skip
        yield "deployment", {"action": "created", "deployment": deployment, "repository": repository}
        for state, minutes in (("in_progress", 11), ("success", 20)):
            status = {"state": state, "created_at": _time(at, minutes), "environment": "production", "target_url": ""}
            yield (
                "deployment_status",
                {"action": "created", "deployment": deployment, "deployment_status": status, "repository": repository},
            )
        previous = sha


def _time(at: datetime, minutes: int) -> str:
    return (at + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def post(url: str, event: str, body: bytes) -> None:
    """Post one signed delivery, again until it was accepted."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
    }
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
                assert answer.status in (200, 202)
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("a delivery was not accepted within two minutes")


def answer(installation: Installation, token: str, path: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(
        f"http://{installation.address('web')}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        found: list[dict[str, Any]] = json.load(response)["results"]
    return found


def test_every_number_equals_what_was_sent(tmp_path: Path) -> None:
    installation = Installation(tmp_path).wait_ready()
    ports = {"PLIMSOLL_WEB": installation.address("web"), "PLIMSOLL_OTLP_GRPC": installation.address("otlp")}
    hook = f"http://{ports['PLIMSOLL_WEB']}"
    path = plimsoll(tmp_path, "source", "add", "github", "shop", "--secret", SECRET).stdout.strip()
    token = plimsoll(tmp_path, "token", "new", "reader", "--scope", "read").stdout.strip()
    frontend, reviews = (provider(name, ports["PLIMSOLL_OTLP_GRPC"]) for name in ("frontend", "reviews"))
    sent = list(webhooks(datetime.now(UTC).replace(microsecond=0) - timedelta(days=5)))

    for n in range(CALLS):
        call(frontend, reviews, n)
        if n % (CALLS // len(sent)) == 0 and sent:
            event, body = sent.pop()
            post(f"{hook}{path}", event, json.dumps(body).encode())
    for event, body in sent:
        post(f"{hook}{path}", event, json.dumps(body).encode())
    for each in (frontend, reviews):
        assert each.force_flush(120_000)
        each.shutdown()
    drained = plimsoll(tmp_path, "drain")

    edges = answer(installation, token, "/api/v1/topology/edges/")
    (dora,) = answer(installation, token, "/api/v1/metrics/dora/?bucket=all")
    ended = installation.end()
    installation.clean_up()
    assert drained.returncode == 0
    columns = ("client", "server", "requests", "attempts", "failed")
    assert [tuple(edge[column] for column in columns) for edge in edges] == [
        ("frontend", "reviews", CALLS, CALLS, CALLS // 10)
    ]
    assert (dora["deployments"], dora["lead_time_n"]) == (DEPLOYMENTS, DEPLOYMENTS - 1)
    assert dora["lead_time_p50_s"] == 20 * 60
    assert ended == 0
