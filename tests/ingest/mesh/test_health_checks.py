"""What asks whether a service lives is no user of it (mesh-dialects, section 10.4)."""

import time

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.mesh.dialect import Context
from ingest.otlp.effect import Effect, traces
from plimsoll.store.cells import Lane
from tests.ingest.mesh.test_spans import CLIENT, SERVER, span

WELL = {"http.response.status_code": "200", "http.status_code": "200"}


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
    ],
)
def test_a_health_checker_is_no_user(key: str, agent: str) -> None:
    effect = read(span("api", SERVER, 1, **{key: agent}, **WELL))

    assert lanes(effect) == []
    assert effect.cells.health["dropped", "a health check"] == 1


@pytest.mark.parametrize("proxy", [{}, {"component": "proxy", "upstream_cluster": "inbound|80||"}])
@pytest.mark.parametrize("are_checks_first", [False, True])
def test_users_and_health_checkers_who_ask_the_same_are_told_apart(
    proxy: dict[str, str], *, are_checks_first: bool
) -> None:
    asked = [
        span("api", SERVER, number, trace=number, user_agent=agent, **proxy, **WELL)
        for number, agent in enumerate(["kube-probe/1.29", "curl/8.5.0", "kube-probe/1.29", ""], start=1)
    ]
    effect = read(*(asked if are_checks_first else reversed(asked)))

    assert {(lane.client.kind, lane.server.name) for lane in lanes(effect)} == {("user", "api")}
    assert sum(len(group.durations_ns) for group in effect.groups if group.meaning.lane) == 2
    assert effect.cells.health["dropped", "a health check"] == 2


def test_what_merely_speaks_of_a_health_checker_is_a_user() -> None:
    effect = read(span("api", SERVER, 1, user_agent="Mozilla/5.0 (like kube-probe/1.29)", **WELL))

    assert len(lanes(effect)) == 1


def test_a_health_checker_with_a_span_of_its_own_is_a_caller() -> None:
    call = span("prometheus", CLIENT, 1, server__address="api", user_agent="Prometheus/2.53.0", **WELL)
    answer = span("api", SERVER, 2, parent=1, user_agent="Prometheus/2.53.0", **WELL)

    effect = read(call, answer)

    assert [lane.server.name for lane in lanes(effect)] == ["api"]
    assert [group.waits for group in effect.groups] == [False, True]
