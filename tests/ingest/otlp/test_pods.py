"""An application and its proxy have two names and are one node, for they are layers of one pod (mesh-dialects, 2.4)."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from ingest.mesh.dialect import CLIENT, SERVER, Context
from ingest.otlp import sweep
from ingest.otlp.effect import traces
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import edges, nodes
from plimsoll.store import retention
from plimsoll.store.connections import opened
from tests.ingest.mesh.senders import HTTP, INBOUND, request, to

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
CALLS = 25
POD = "-7d9c8b5f6-bcdfg"


def proxy(name: str, pod: str, namespace: str = "shop") -> dict[str, str]:
    """Return what a sidecar's span says, its pod in the node id."""
    node_id = f"sidecar~10.0.0.1~{pod}.{namespace}~{namespace}.svc.cluster.local"
    return nameless(name) | {"istio.namespace": namespace, "node_id": node_id}


def nameless(name: str) -> dict[str, str]:
    """Return what a sidecar's span says, without its pod."""
    return {
        "component": "proxy", "istio.canonical_service": name, "istio.namespace": "shop", "http.status_code": "200",
        "response_flags": "-",
    }  # fmt: skip


def sidecar(name: str, **resource: str) -> dict[str, str]:
    return {"service.name": f"{name}.shop", "telemetry.sdk.name": "envoy"} | dotted(resource)


def app(name: str, pod: str, **resource: str) -> dict[str, str]:
    """Return the resource of an application that tells its pod and, unless told otherwise, the namespace."""
    told = {"service.name": name, "k8s.namespace.name": "shop", "k8s.pod.name": pod} | dotted(resource)
    return {key: value for key, value in told.items() if value}


def dotted(names: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in names.items()}


def asks(resource: dict[str, str], trace: int = 1, server: str = "be") -> bytes:
    """Return the call of an application, as it sees it itself."""
    return request(resource, "http", [(CLIENT, 1, 0, HTTP | {"server.address": server})], trace=trace)


def passes(resource: dict[str, str], said: dict[str, str], trace: int = 1) -> bytes:
    """Return the same call, as the caller's sidecar sees it."""
    return request(resource, "envoy", [(CLIENT, 2, 1, said | to("be"))], trace=trace)


def story(trace: int) -> list[bytes]:
    """Return one call from frontend-app, whose proxy says fe, to backend-app, whose proxy says be."""
    return [
        asks(app("frontend-app", f"fe{POD}"), trace),
        passes(sidecar("fe"), proxy("fe", f"fe{POD}"), trace),
        request(sidecar("be"), "envoy", [(SERVER, 3, 2, proxy("be", f"be{POD}") | INBOUND)], trace=trace),
        request(
            app("backend-app", f"be{POD}"), "http",
            [(SERVER, 4, 3, HTTP), (CLIENT, 5, 4, {"db.system": "redis", "server.address": "r"})], trace=trace,
        ),
    ]  # fmt: skip


STORY = [body for n in range(CALLS) for body in story(n + 1)]


def sent(*bodies: bytes, writers: int = 1, cluster: str = "c1") -> None:
    """Write requests one by one, taking turns among the writers, as several receivers would."""
    turns = [Writer() for _ in range(writers)]
    for n, body in enumerate(bodies):
        turns[n % writers].write([traces(body, "open", Context(cluster), time.time_ns())])
    for writer in turns:
        writer.close()


def shown() -> dict[tuple[str, str], float]:
    now = datetime.now(UTC)
    rows = edges(start=now - HOUR, end=now + HOUR)
    found = {(row.client, row.server): row.requests for row in rows}
    assert len(found) == len(rows)
    return found


def shown_nodes() -> dict[str, tuple[float, float]]:
    now = datetime.now(UTC)
    rows = nodes(start=now - HOUR, end=now + HOUR)
    found = {row.name: (row.requests, row.unattributed) for row in rows}
    assert len(found) == len(rows)
    return found


def rows_of(question: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


ONE = {("fe", "be"): CALLS, ("be", "r"): CALLS}


@pytest.mark.parametrize("writers", [1, 3])
@pytest.mark.parametrize("step", [1, -1])
def test_an_application_and_its_proxy_are_one_node_in_any_order_and_over_several_receivers(
    writers: int, step: int
) -> None:
    sent(*STORY[::step], writers=writers)

    assert shown() == ONE
    assert shown_nodes() == {"fe": (0, 0), "be": (CALLS, 0), "r": (CALLS, 0)}


def test_they_are_one_node_when_all_comes_at_once() -> None:
    writer = Writer()
    writer.write([traces(body, "open", Context("c1"), time.time_ns()) for body in STORY])
    writer.close()

    assert shown() == ONE


def test_the_application_s_view_of_a_call_is_not_left_unattributed() -> None:
    sent(*STORY)

    sweep.run(datetime.now(UTC) + timedelta(minutes=20))

    assert shown_nodes()["be"] == (CALLS, 0)


def test_the_proxy_s_hop_to_its_application_is_no_call() -> None:
    said = proxy("be", f"be{POD}") | INBOUND
    sent(
        passes(sidecar("fe"), proxy("fe", f"fe{POD}")),
        request(sidecar("be"), "envoy", [(SERVER, 3, 2, said), (CLIENT, 4, 3, said)]),
        request(app("backend-app", f"be{POD}"), "http", [(SERVER, 5, 4, HTTP)]),
    )

    assert shown() == {("fe", "be"): 1}
    assert shown_nodes()["be"] == (1, 0)


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (sidecar("fe"), proxy("fe", f"fe{POD}")),
        (sidecar("fe", k8s_pod_name=f"fe{POD}", k8s_namespace_name="shop"), nameless("fe")),
        (sidecar("fe", k8s_pod_name=f"fe{POD}"), nameless("fe")),
        (sidecar("fe", service_instance_id=f"shop.fe{POD}.istio-proxy"), nameless("fe")),
    ],
    ids=["node-id", "pod-and-namespace", "pod", "instance"],
)
def test_a_sidecar_tells_its_pod_in_several_ways(resource: dict[str, str], said: dict[str, str]) -> None:
    sent(asks(app("frontend-app", f"fe{POD}")), passes(resource, said))

    assert shown() == {("fe", "be"): 1}


@pytest.mark.parametrize(
    "resource",
    [
        app("frontend-app", f"FE{POD}"),
        app("frontend-app", "", service_instance_id=f"shop.fe{POD}.app"),
        app("frontend-app", "", service_instance_id=f"shop.fe{POD}.app", k8s_namespace_name=""),
    ],
    ids=["spelling", "instance", "instance-alone"],
)
def test_an_application_tells_its_pod_in_several_ways(resource: dict[str, str]) -> None:
    sent(asks(resource, server="be.shop.svc"), passes(sidecar("fe"), proxy("fe", f"fe{POD}")))

    assert shown() == {("fe", "be"): 1}


def test_two_pods_of_a_workload_are_one_node() -> None:
    pods = ("fe-7d9c8b5f6-bcdfg", "fe-7d9c8b5f6-hjklm")

    sent(*(asks(app("frontend-app", pod), n) for n, pod in enumerate(pods, 1)))
    sent(*(passes(sidecar("fe"), proxy("fe", pod), n) for n, pod in enumerate(pods, 1)))

    assert shown() == {("fe", "be"): 2}


def test_without_a_namespace_a_pod_is_known_by_the_letters_drawn_for_it() -> None:
    alone = app("frontend-app", f"fe{POD}", k8s_namespace_name="", service_namespace="web-team")

    sent(asks(alone, server="be.shop.svc"), passes(sidecar("fe"), proxy("fe", f"fe{POD}")))

    assert shown() == {("fe", "be"): 1}


def test_without_a_namespace_a_numbered_pod_may_be_any() -> None:
    alone = app("frontend-app", "fe-0", k8s_namespace_name="")

    sent(asks(alone, server="be.shop.svc"), passes(sidecar("fe"), proxy("fe", "fe-0")))

    assert shown() == {("fe", "be"): 1, ("frontend-app", "be"): 1}


def test_pods_of_one_name_in_two_namespaces_are_two() -> None:
    sent(asks(app("frontend-app", "fe-0")), passes(sidecar("fe"), proxy("fe", "fe-0", "bank")))

    assert shown() == {("fe", "be"): 1, ("frontend-app", "be"): 1}


def test_the_same_pod_in_two_clusters_is_two() -> None:
    sent(asks(app("frontend-app", f"fe{POD}")))
    sent(passes(sidecar("fe"), proxy("fe", f"fe{POD}")), cluster="c2")

    now = datetime.now(UTC)
    found = {(row.client_cluster, row.client) for row in edges(start=now - HOUR, end=now + HOUR)}
    assert found == {("c1", "frontend-app"), ("c2", "fe")}


def test_the_same_name_on_both_layers_is_one_node() -> None:
    sent(asks(app("fe", f"fe{POD}")), passes(sidecar("fe"), proxy("fe", f"fe{POD}")))

    assert shown() == {("fe", "be"): 1}


def test_an_application_behind_two_proxies_names_stays_apart() -> None:
    sent(
        asks(app("frontend-app", "a-0"), 1),
        passes(sidecar("fe-a"), proxy("fe-a", "a-0"), 1),
        asks(app("frontend-app", "b-0"), 2),
        passes(sidecar("fe-b"), proxy("fe-b", "b-0"), 2),
    )

    assert shown() == {("frontend-app", "be"): 2, ("fe-a", "be"): 1, ("fe-b", "be"): 1}


def test_an_application_that_is_its_proxy_in_one_pod_and_not_in_another_stays_apart() -> None:
    sent(
        asks(app("fe", "a-0"), 1),
        passes(sidecar("fe"), proxy("fe", "a-0"), 1),
        asks(app("fe", "b-0"), 2),
        passes(sidecar("fe-canary"), proxy("fe-canary", "b-0"), 2),
    )

    assert set(shown()) == {("fe", "be"), ("fe-canary", "be")}
    assert rows_of("SELECT votes FROM node_alias WHERE evidence = 'pod'") == [(1,), (1,)]


def test_two_applications_of_one_pod_stay_apart_as_when_a_collector_names_its_own_pod_for_all() -> None:
    sent(passes(sidecar("collector"), proxy("collector", "collector-0"), 1))
    sent(*(asks(app(name, "collector-0"), n) for n, name in enumerate(("cart", "pay"), 2)))

    assert shown() == {("collector", "be"): 1, ("cart", "be"): 1, ("pay", "be"): 1}


def test_a_proxy_without_a_name_is_nobody() -> None:
    silent = {key: value for key, value in proxy("x", "").items() if key != "istio.canonical_service"}

    sent(
        asks(app("frontend-app", f"fe{POD}")),
        passes({"service.name": "unknown_service", "k8s.pod.name": f"fe{POD}"}, silent),
    )

    assert shown() == {("frontend-app", "be"): 1, ("unknown_service", "be"): 1}


def test_the_same_sighting_again_changes_nothing() -> None:
    sightings = "SELECT cluster, pod, namespace, layer, node_id FROM pod_name ORDER BY 1, 2, 3, 4, 5"
    aliases = "SELECT alias_id, node_id, votes FROM node_alias WHERE evidence = 'pod' ORDER BY 1"
    sent(*STORY[:4])
    before = rows_of(sightings), rows_of(aliases)

    sent(*STORY[:4], *STORY[4:8], writers=2)

    assert (rows_of(sightings), rows_of(aliases)) == before
    assert [len(rows) for rows in before] == [4, 2]


@pytest.fixture
def _broken_once() -> Iterator[None]:
    """Let the first transaction that names a pod fail as it commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE SEQUENCE broken;
            CREATE FUNCTION break_once() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('broken') = 1 THEN RAISE 'The disk is gone.'; END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER break_once AFTER INSERT ON pod_name DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION break_once();
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER break_once ON pod_name; DROP FUNCTION break_once; DROP SEQUENCE broken")


@pytest.mark.usefixtures("_broken_once")
def test_what_was_seen_is_noted_again_when_its_transaction_failed() -> None:
    writer = Writer()
    first, second = asks(app("frontend-app", f"fe{POD}")), passes(sidecar("fe"), proxy("fe", f"fe{POD}"))

    with pytest.raises(psycopg.errors.RaiseException):
        writer.write([traces(first, "open", Context("c1"), time.time_ns())])
    for body in (first, second):
        writer.write([traces(body, "open", Context("c1"), time.time_ns())])
    writer.close()

    assert shown() == {("fe", "be"): 1}


def test_of_two_names_the_one_of_the_last_day_counts() -> None:
    sent(asks(app("frontend-app", "fe-0"), 1), passes(sidecar("old"), proxy("old", "fe-0"), 1))
    with opened() as own:
        own.execute("UPDATE pod_name SET last_seen = last_seen - interval '25 hours'")
        own.execute("UPDATE node_alias SET last_seen = last_seen - interval '25 hours'")
    retention.run()

    sent(asks(app("frontend-app", "fe-0"), 2), passes(sidecar("fe"), proxy("fe", "fe-0"), 2))

    assert shown() == {("old", "be"): 1, ("fe", "be"): 1}


def test_pods_that_were_silent_for_a_day_are_forgotten_and_their_nodes_stay_one() -> None:
    sent(*STORY[:4])
    with opened() as own:
        own.execute("UPDATE pod_name SET last_seen = last_seen - interval '25 hours' WHERE layer = 'proxy'")

    retention.run()

    assert rows_of("SELECT DISTINCT layer FROM pod_name") == [("application",)]
    assert shown() == {("fe", "be"): 1, ("be", "r"): 1}
