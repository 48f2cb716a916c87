"""A graph has so many nodes and edges at the most (mesh-dialects, section 12)."""

import time
from collections.abc import Iterator

import pytest

from plimsoll.store import partitions
from plimsoll.store.admission import with_room_for_edges, with_room_for_nodes
from plimsoll.store.cells import SPAN_CLIENT_PROXY, Cells, Lane, Ref
from plimsoll.store.connections import Connection, opened
from plimsoll.store.directory import Directory
from plimsoll.store.traffic import add_cells

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = int(time.time()) // 60


@pytest.fixture
def connection() -> Iterator[Connection]:
    with opened() as made, made.transaction(force_rollback=True):
        made.execute("TRUNCATE node, edge CASCADE")
        yield made


def service(name: str) -> Ref:
    return Ref("c1", "shop", name, "service")


def host(name: str) -> Ref:
    return Ref("", "", name, "external")


def calls(*ends: tuple[Ref, Ref]) -> Cells:
    """Return cells of two calls each."""
    cells = Cells()
    for client, server in ends:
        cells.add(Lane("prod", client, server, "http", SPAN_CLIENT_PROXY), MINUTE, observed=2, requests=2)
    return cells


def shown(cells: Cells) -> dict[tuple[str, str], int]:
    return {(lane.client.name, lane.server.name): cell.observed for (lane, *_), cell in cells.edges.items()}


def learn(connection: Connection, cells: Cells) -> None:
    """Let the database know the nodes and edges of cells."""
    known = Directory()
    known.learn_nodes(connection, [end for lane, *_ in cells.edges for end in (lane.client, lane.server)])
    known.learn_edges(connection, [(lane, minute) for lane, minute, _ in cells.edges])


def test_while_there_is_room_nothing_is_touched(connection: Connection) -> None:
    cells = calls((service("a"), service("b")), (service("a"), host("x.y.example.com")))

    assert with_room_for_nodes(connection, Directory(most_nodes=3), cells) == (cells, 0)


def test_without_room_outside_hosts_go_by_their_domain_first(connection: Connection) -> None:
    hosts = [host(f"{n}.api.example.com") for n in range(4)]
    cells = calls(*((service("a"), each) for each in hosts), (service("a"), host("example.org")))

    kept, left_out = with_room_for_nodes(connection, Directory(most_nodes=3), cells)

    assert shown(kept) == {("a", "*.example.com"): 8, ("a", "example.org"): 2}
    assert left_out == 0


def test_without_room_what_is_known_counts_on_and_what_is_new_is_left_out_and_counted(connection: Connection) -> None:
    learn(connection, calls((service("a"), service("b")), (service("a"), host("api.example.com"))))
    cells = calls(
        (service("a"), service("b")), (service("a"), host("api.example.com")), (service("a"), service("made-up")),
        (service("made-up"), service("b")),
    )  # fmt: skip

    kept, left_out = with_room_for_nodes(connection, Directory(most_nodes=3), cells)

    assert shown(kept) == {("a", "b"): 2, ("a", "api.example.com"): 2}
    assert left_out == 4


def test_without_room_no_other_edge_begins(connection: Connection) -> None:
    learn(connection, calls((service("a"), service("b")), (service("b"), service("c"))))
    directory = Directory(most_edges=2)
    cells = calls((service("a"), service("b")), (service("a"), service("c")))
    directory.learn_nodes(connection, [service(name) for name in "abc"])

    kept, left_out = with_room_for_edges(connection, directory, cells)

    assert shown(kept) == {("a", "b"): 2}
    assert left_out == 2


def test_what_is_left_out_is_told_in_the_health(connection: Connection) -> None:
    cells = calls((service("a"), service("b")), (service("a"), service("c")))
    partitions.run()

    add_cells(connection, Directory(most_nodes=2), cells)

    assert cells.health == {("refused", "no room for another node"): 2}
    assert connection.execute("SELECT count(*) FROM node").fetchone() == (2,)
