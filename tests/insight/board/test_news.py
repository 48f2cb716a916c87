"""Dependencies that are new."""

from datetime import UTC, datetime, timedelta

from plimsoll.insight.board.news import new_dependencies, of_team
from plimsoll.insight.topology.names import names
from plimsoll.store.traffic_facts import AliasFact, EdgeFact, NodeFact

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
BEFORE, AFTER = MIDNIGHT - timedelta(days=2), MIDNIGHT + timedelta(hours=16)
NODES = {
    1: NodeFact(1, "aws-1", "city", "permits-api", "service", "permits-api", "permits-api", "permits"),
    2: NodeFact(2, "aws-1", "city", "documents", "service", "documents", "documents", "records"),
    3: NodeFact(3, "azure-3", "city", "permits-api", "service", "permits-api", "permits-api", "permits"),
    4: NodeFact(4, "azure-3", "city", "documents", "service", "documents", "documents", "records"),
    5: NodeFact(5, "aws-1", "", "user", "user", "user", None, None),
    6: NodeFact(6, "aws-1", "", "pg", "database", "pg", None, None),
    7: NodeFact(7, "aws-1", "city", "papers", "service", "papers", "papers", None),
}


def edge(client: int, server: int, first_seen: datetime, number: int = 0) -> EdgeFact:
    return EdgeFact(
        number or client * 10 + server, "production", client, server, "http", "named", "", first_seen, first_seen
    )


def found(*edges: EdgeFact, told: tuple[AliasFact, ...] = ()) -> list[tuple[str, str]]:
    known = names(NODES, told)
    return [(each.client, each.server) for each in new_dependencies(edges, known, MIDNIGHT)]


def test_a_known_service_that_calls_something_else_is_news() -> None:
    assert found(edge(5, 1, BEFORE), edge(1, 2, AFTER)) == [("permits-api", "documents")]
    assert found(edge(5, 1, BEFORE), edge(1, 6, AFTER)) == [("permits-api", "pg")]


def test_the_first_day_of_telemetry_has_no_news() -> None:
    assert found(edge(5, 1, AFTER), edge(1, 2, AFTER), edge(2, 6, AFTER)) == []


def test_the_calls_of_a_new_service_are_no_news() -> None:
    assert found(edge(5, 1, BEFORE), edge(2, 1, AFTER)) == []


def test_a_service_that_moves_to_another_cluster_has_the_dependencies_that_it_had() -> None:
    assert found(edge(1, 2, BEFORE), edge(3, 4, AFTER)) == []
    assert found(edge(1, 6, BEFORE), edge(3, 4, AFTER)) == [("permits-api", "documents")]


def test_the_same_call_over_another_protocol_is_no_news() -> None:
    assert found(edge(1, 2, BEFORE, 1), edge(1, 2, AFTER, 2)) == []


def test_another_name_of_what_was_called_is_no_news() -> None:
    alias = AliasFact(7, 2, "record", 100)

    assert found(edge(1, 2, BEFORE), edge(1, 7, AFTER), told=(alias,)) == []
    assert found(edge(1, 2, BEFORE), edge(1, 7, AFTER)) == [("permits-api", "papers")]


def test_callers_outside_are_no_news() -> None:
    assert found(edge(5, 1, BEFORE), edge(5, 2, AFTER)) == []


def test_a_team_hears_of_its_own_part() -> None:
    known = names(NODES, ())
    news = new_dependencies([edge(5, 1, BEFORE), edge(1, 2, AFTER)], known, MIDNIGHT)

    assert [len(of_team(news, team)) for team in ("permits", "records", "housing", None)] == [1, 1, 0, 1]
