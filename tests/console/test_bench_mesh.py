"""A made mesh arrives whole at a real receiver, with the figures it was made with."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.console import run
from plimsoll.console.bench.meshes import large, planned, where
from plimsoll.console.bench.meshes.plan import Life, Plan
from plimsoll.console.bench.meshes.spans import threshold
from plimsoll.insight.topology import Arc, Scope, Whole, whole
from tests.ingest.otlp.test_server import Running, start


@pytest.fixture
def receiver(transactional_db: None) -> Iterator[Running]:
    running = start()
    yield running
    running.process.terminate()
    running.process.wait(10)


def shown(environment: str = "production", minutes: int = 15) -> Whole:
    """The map of the last minutes that were sent whole."""
    end = datetime.fromtimestamp(time.time() // 60 * 60, UTC)
    return whole(start=end - timedelta(minutes=minutes), end=end, scope=Scope(environments=(environment,)))


def arcs(found: Whole) -> dict[str, Arc]:
    return {f"{found.vertices[arc.client].name} {found.vertices[arc.server].name}": arc for arc in found.arcs}


def test_the_mesh_of_twelve_is_the_pictures(receiver: Running) -> None:
    code = run(["bench", "mesh", "--services", "12", "--minutes", "5", "--otlp-grpc", receiver.address])
    found = shown(minutes=5)

    documents = arcs(found)["permits-api documents"]
    kinds = {vertex.name: vertex.kind for vertex in found.vertices.values()}
    assert code == 0
    assert len(found.vertices) == 12
    assert found.rate(documents.requests) == pytest.approx(41, rel=0.05)
    assert documents.error_rate == pytest.approx(0.061, rel=0.02)
    assert documents.p95_ms == pytest.approx(412, rel=0.02)
    assert (kinds["istio-ingress"], kinds["pg-permits"]) == ("gateway", "database")
    assert (kinds["notify"], kinds["bank-gateway.example"]) == ("messaging", "external")
    assert [name for name, arc in arcs(found).items() if arc.is_new] == ["documents pg-permits"]


def test_sampled_spans_stand_for_all_calls(receiver: Running) -> None:
    run(["bench", "mesh", "--services", "12", "--minutes", "5", "--otlp-grpc", receiver.address])
    found = shown(minutes=5)

    assert found.rate(arcs(found)["permits-rules pg-permits"].requests) == pytest.approx(398, rel=0.05)
    assert found.rate(next(v for v in found.vertices.values() if v.kind == "gateway").requests) == pytest.approx(
        1760, rel=0.05
    )


def test_a_mesh_may_say_that_it_runs_elsewhere(receiver: Running) -> None:
    run(["bench", "mesh", "--services", "12", "--minutes", "1", "--environment", "e", "--otlp-grpc", receiver.address])

    assert len(shown("e").vertices) == 12
    assert shown("production").vertices == {}


def test_a_receiver_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["bench", "mesh", "--services", "12", "--otlp-grpc", "127.0.0.1:1"])

    assert code == 1
    assert "The receiver at 127.0.0.1:1 refused: UNAVAILABLE" in capsys.readouterr().err


@pytest.mark.parametrize("services", [100, 300, 1000, 2000])
def test_a_large_mesh_has_as_many_services_as_asked_for(services: int) -> None:
    plan = large.mesh(services)

    ends = {end for call in plan.calls for end in (call.client, call.server)}
    assert len(plan.places) == services
    assert ends <= plan.places.keys()


@pytest.mark.parametrize("services", [12, 60, 300])
def test_a_mesh_is_the_same_every_time(services: int) -> None:
    assert planned(services) == planned(services)


def test_every_mesh_has_trouble_to_look_at() -> None:
    def over(plan: Plan) -> int:
        return len([call for call in plan.calls if call.error_rate > 0.01])

    assert [over(planned(n)) for n in (12, 60, 300)] == [2, 3, 3]


@pytest.mark.parametrize(
    ("life", "made_in"),
    [("always", [878, 998, 999, 1000]), ("new", [999, 1000]), ("gone", [878, 994]), ("idle", [878])],
)
def test_calls_are_made_in_the_minutes_of_their_life(life: Life, made_in: list[int]) -> None:
    minutes = where.minutes(1000, 3)

    assert minutes == [878, 994, 998, 999, 1000]
    assert [minute for minute in minutes if where.is_made(life, minute, 1000, 3)] == made_in


@pytest.mark.parametrize("weight", [1.0, 2.0, 16.0, 1234.5])
def test_a_threshold_says_how_many_a_span_stands_for(weight: float) -> None:
    rejected = int(threshold(weight).ljust(14, "0"), 16)

    assert 2**56 / (2**56 - rejected) == pytest.approx(weight)
