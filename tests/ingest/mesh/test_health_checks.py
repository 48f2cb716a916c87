"""What asks whether a service lives is no user of it (mesh-dialects, section 10.4)."""

import time
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.mesh.dialect import Context
from ingest.otlp.effect import Effect, traces
from plimsoll.store.cells import Lane
from tests.ingest.mesh.test_spans import CLIENT, SERVER, span

WELL: dict[str, Any] = {"http.response.status_code": "200", "http.status_code": "200"}


def read(*bodies: bytes) -> Effect:
    """Return what spans of one sender say, read one after the other."""
    request = ExportTraceServiceRequest()
    for body in bodies:
        request.MergeFromString(body)
    return traces(request.SerializeToString(), "open", Context("c1"), time.time_ns())


def lanes(effect: Effect) -> list[Lane]:
    return [group.meaning.lane for group in effect.groups if group.meaning.lane is not None]


@pytest.mark.parametrize("key", ["user_agent.original", "http.user_agent", "user_agent"])
@pytest.mark.parametrize(
    "agent",
    [
        "kube-probe/1.29",
        "ELB-HealthChecker/2.0",
        "GoogleHC/1.0",
        "GoogleStackdriverMonitoring-UptimeChecks(https://cloud.google.com/monitoring)",
        "Envoy/HC",
        "Amazon-Route53-Health-Check-Service (ref 0b0e; report http://amzn.to/1vsZADi)",
        "Consul Health Check",
        "Prometheus/2.53.0",
        "Blackbox Exporter/0.25.0",
        # As long as a length of one byte can be, and one longer.
        "kube-probe/1.29".ljust(127, "."),
        "kube-probe/1.29".ljust(128, "."),
    ],
)
def test_a_health_checker_is_no_user(key: str, agent: str) -> None:
    asked: dict[str, Any] = WELL | {key: agent}

    effect = read(span("api", SERVER, 1, **asked))

    assert lanes(effect) == []
    assert effect.cells.health["dropped", "a health check"] == 1


@pytest.mark.parametrize("proxy", [{}, {"component": "proxy", "upstream_cluster": "inbound|80||"}])
@pytest.mark.parametrize("are_checks_first", [False, True])
def test_users_and_health_checkers_who_ask_the_same_are_told_apart(
    proxy: dict[str, Any], *, are_checks_first: bool
) -> None:
    asked = [
        span("api", SERVER, number, trace=number, user_agent=agent, **proxy, **WELL)
        for number, agent in enumerate(["kube-probe/1.29", "curl/8.5.0", "kube-probe/1.29", ""], start=1)
    ]
    effect = read(*(asked if are_checks_first else reversed(asked)))

    assert {(lane.client.kind, lane.server.name) for lane in lanes(effect)} == {("user", "api")}
    assert sum(len(group.durations_ns) for group in effect.groups if group.meaning.lane) == 2
    assert effect.cells.health["dropped", "a health check"] == 2


@pytest.mark.parametrize(
    "agent", ["Mozilla/5.0 (like kube-probe/1.29)", "-kube-probe/1.29", "-kube-probe/1.29".ljust(128, "."), ""]
)
def test_what_merely_speaks_of_a_health_checker_is_a_user(agent: str) -> None:
    effect = read(span("api", SERVER, 1, user_agent=agent, **WELL))

    assert len(lanes(effect)) == 1


def test_a_health_checker_with_a_span_of_its_own_is_a_caller() -> None:
    call = span("prometheus", CLIENT, 1, server__address="api", user_agent="Prometheus/2.53.0", **WELL)
    answer = span("api", SERVER, 2, parent=1, user_agent="Prometheus/2.53.0", **WELL)

    effect = read(call, answer)

    assert [lane.server.name for lane in lanes(effect)] == ["api"]
    assert [group.waits for group in effect.groups] == [False, True]


EXPORT: dict[str, Any] = {"http.request.method": "POST", "server.address": "collector.obs", **WELL}


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
@pytest.mark.parametrize(
    "said",
    [
        {"url.full": "http://collector.obs:4318/v1/"},
        {"http.url": "https://collector.obs/otlp/v1/", "http.method": "POST", "http.request.method": ""},
    ],
)
def test_an_exporter_s_own_call_over_http_is_no_call(signal: str, said: dict[str, str]) -> None:
    asked = EXPORT | {key: value + signal if value.startswith("http") else value for key, value in said.items()}

    effect = read(span("api", CLIENT, 1, **asked))

    assert lanes(effect) == []
    assert effect.cells.health["dropped", "an exporter's own call"] == 1


@pytest.mark.parametrize("key", ["url.path", "http.target"])
def test_what_a_collector_is_sent_over_http_is_no_call(key: str) -> None:
    asked = EXPORT | {key: "/v1/traces"}

    effect = read(span("collector", SERVER, 1, **asked))

    assert lanes(effect) == []
    assert effect.cells.health["dropped", "an exporter's own call"] == 1


@pytest.mark.parametrize(
    "said",
    [
        {"url.full": "http://collector.obs/v1/traces/7"},
        {"url.full": "http://collector.obs/?from=/v1/traces"},
        {"url.full": "http://collector.obs/v1/traces", "http.request.method": "GET"},
        {"url.full": "http://collector.obs/api/v1/orders"},
    ],
)
@pytest.mark.parametrize("is_export_first", [False, True])
def test_what_is_like_an_export_is_a_call(said: dict[str, str], *, is_export_first: bool) -> None:
    export: dict[str, Any] = EXPORT | {"url.full": "http://collector.obs/v1/traces"}
    alike: dict[str, Any] = export | said
    bodies = [span("api", CLIENT, 1, **export), span("api", CLIENT, 2, **alike)]

    effect = read(*(bodies if is_export_first else reversed(bodies)))

    assert [lane.server.name for lane in lanes(effect)] == ["collector.obs"]
    assert effect.cells.health["dropped", "an exporter's own call"] == 1
