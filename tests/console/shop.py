"""A little shop that sends what is known to the last one, and sends it again until it is acknowledged."""

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, set_span_in_context

SECRET = "a secret of the test"
SETTINGS = json.dumps({"incident_labels": ["incident"]})
PATIENCE_S = 90.0

# Who calls whom, and how often a call fails: the first and then each so-many-th.
ROUTES = (("frontend", "reviews", 10), ("frontend", "cart", 7), ("cart", "payments", 4), ("reviews", "ratings", 25))
SERVICES = ("frontend", "reviews", "cart", "payments", "ratings")

# Deployments of each repository, an hour apart; each fifth fails, and each second causes an incident.
DEPLOYMENTS = {"checkout": 20, "cart": 12, "payments": 8}


class Insistent(SpanExporter):
    """The SDK's own exporter, asked again until the receiver has acknowledged."""

    def __init__(self, address: str) -> None:
        self.given_up = 0
        self._exporter = OTLPSpanExporter(address, insecure=True, timeout=5)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self._exporter.export(spans) is SpanExportResult.SUCCESS:
                return SpanExportResult.SUCCESS
            time.sleep(0.1)
        self.given_up += len(spans)
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self._exporter.shutdown()


class Mesh:
    """The services of the shop, each with an SDK of its own."""

    def __init__(self, address: str) -> None:
        self.exporters = {service: Insistent(address) for service in SERVICES}
        self._providers = {service: _provider(service, exporter) for service, exporter in self.exporters.items()}
        self._tracers = {service: provider.get_tracer("shop") for service, provider in self._providers.items()}

    def calls(self, numbers: range) -> None:
        """Make the calls with these numbers."""
        for n in numbers:
            self._call(n)

    def _call(self, n: int) -> None:
        """Make the n-th call: a span of the caller and one of the called."""
        client, server, every = ROUTES[n % len(ROUTES)]
        is_failed = n // len(ROUTES) % every == 0
        status = 500 if is_failed else 200
        asked = self._tracers[client].start_span(
            "GET", kind=SpanKind.CLIENT, attributes={"server.address": server, "http.response.status_code": status}
        )
        here = asked.get_span_context()
        remote = SpanContext(here.trace_id, here.span_id, is_remote=True, trace_flags=here.trace_flags)
        answered = self._tracers[server].start_span(
            "GET /",
            kind=SpanKind.SERVER,
            context=set_span_in_context(NonRecordingSpan(remote)),
            attributes={"http.response.status_code": status},
        )
        for span in (answered, asked):
            if is_failed:
                span.set_status(Status(StatusCode.ERROR))
            span.end()

    def end(self) -> int:
        """Send what is left; return how many spans nobody acknowledged."""
        for provider in self._providers.values():
            # Shutting down alone would wait for half a minute only.
            provider.force_flush()
            provider.shutdown()
        return sum(exporter.given_up for exporter in self.exporters.values())


def _provider(service: str, exporter: Insistent) -> TracerProvider:
    provider = TracerProvider(resource=Resource({"service.name": service, "k8s.namespace.name": "shop"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=1_000_000, max_export_batch_size=128))
    return provider


def failed(calls: int, every: int) -> int:
    """Return how many of so many calls on a route fail."""
    return len(range(0, calls, every))


class Webhooks(threading.Thread):
    """Posts deliveries one after the other, each until it was accepted."""

    def __init__(self, url: str, deliveries: Sequence[tuple[str, dict[str, Any]]]) -> None:
        super().__init__(name="webhooks")
        self.accepted = 0
        self.refusals: list[str] = []
        self._url = url
        self._deliveries = deliveries

    def run(self) -> None:
        for event, body in self._deliveries:
            if not self._post(event, json.dumps(body).encode()):
                return
            self.accepted += 1

    def _post(self, event: str, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
        }
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(urllib.request.Request(self._url, body, headers), timeout=10):
                    return True
            except urllib.error.HTTPError as error:
                with error:
                    self.refusals.append(f"{error.code} {error.read(500)!r}")
            except (OSError, http.client.HTTPException) as error:
                self.refusals.append(repr(error))
            time.sleep(0.1)
        return False


def deliveries(started: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Return (event, body) of all that GitHub says of the shop, in no order."""
    all_of_them = [each for repo, count in DEPLOYMENTS.items() for each in _of_repository(repo, count, started)]
    random.Random(7).shuffle(all_of_them)
    return all_of_them


def _of_repository(name: str, count: int, started: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield of each deployment its push, its creation, its start and its end, and an incident's opening and end."""
    repository = {"name": name, "full_name": f"acme/{name}", "default_branch": "main"}
    previous = "0" * 40
    for n in range(count):
        at = started + timedelta(hours=n)
        sha = hashlib.sha1(f"{name} {n}".encode()).hexdigest()
        commit = {"id": sha, "timestamp": at.isoformat(), "author": {"name": "lin"}, "message": f"Change {n}"}
        yield "push", {
            "ref": "refs/heads/main", "before": previous, "after": sha, "repository": repository, "commits": [commit],
            "head_commit": commit, "deleted": False, "forced": False,
        }  # fmt: skip
        deployment = {
            "id": int(sha[:8], 16), "sha": sha, "ref": "main", "environment": "production", "payload": {},
            "created_at": _time(at, 10), "creator": {"login": "ci"}, "task": "deploy",
        }  # fmt: skip
        yield "deployment", {"action": "created", "deployment": deployment, "repository": repository}
        for state, minutes in (("in_progress", 11), ("failure" if n % 5 == 4 else "success", 20)):
            status = {"state": state, "created_at": _time(at, minutes), "environment": "production", "target_url": ""}
            yield (
                "deployment_status",
                {"action": "created", "deployment": deployment, "deployment_status": status, "repository": repository},
            )
        if n % 2 == 0:
            yield from _incident(n, sha, at, repository)
        previous = sha


def _incident(number: int, sha: str, at: datetime, repository: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for action, state, minutes in (("opened", "open", 25), ("closed", "closed", 40)):
        issue = {
            "number": number, "title": "Orders fail", "body": f"Caused by: {sha}", "labels": [{"name": "incident"}],
            "state": state, "created_at": _time(at, 25), "updated_at": _time(at, minutes),
            "closed_at": _time(at, 40) if state == "closed" else None,
        }  # fmt: skip
        yield "issues", {"action": action, "issue": issue, "repository": repository}


def _time(at: datetime, minutes: int) -> str:
    return (at + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
