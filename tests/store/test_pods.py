"""What pods showed is noted once an hour, for the nodes that there is room for."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.store import partitions, pods
from plimsoll.store.admission import with_room_for_nodes
from plimsoll.store.cells import SPAN_CLIENT_PROXY, Cells, Lane, Ref, Sighting
from plimsoll.store.connections import Connection, opened
from plimsoll.store.directory import Directory
from plimsoll.store.traffic import add_cells

pytestmark = pytest.mark.django_db(transaction=True)

FE, APP = Ref("c1", "shop", "fe", "service"), Ref("c1", "shop", "frontend-app", "service")
LAYERS = (Sighting("shop", "fe-0", "proxy", FE), Sighting("shop", "fe-0", "application", APP))
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with opened() as made, made.transaction(force_rollback=True):
        made.execute("TRUNCATE node, edge CASCADE")
        yield made


def old_rows(connection: Connection) -> int:
    (found,) = connection.execute("SELECT count(*) FROM pod_name WHERE last_seen < '2020-01-01'").fetchone() or (0,)
    return int(found)


def test_what_was_noted_in_this_hour_is_not_noted_again_and_in_the_next_it_is(connection: Connection) -> None:
    directory = Directory()
    directory.learn_nodes(connection, [FE, APP])
    pods.note(connection, directory, LAYERS, NOON)
    connection.execute("UPDATE pod_name SET last_seen = '2019-01-01'")

    pods.note(connection, directory, LAYERS, NOON + timedelta(minutes=59))
    within = old_rows(connection)
    pods.note(connection, directory, LAYERS, NOON + timedelta(minutes=60))

    assert (within, old_rows(connection)) == (2, 0)


def test_a_node_that_there_is_no_room_for_is_passed_over(connection: Connection) -> None:
    cells = Cells()
    minute = int(time.time()) // 60
    cells.add(Lane("", FE, FE._replace(name="be"), "http", SPAN_CLIENT_PROXY), minute, observed=1, requests=1)
    partitions.run()
    directory = Directory(most_nodes=2)
    add_cells(connection, directory, cells)
    cells.sightings.update(LAYERS)

    kept, left_out = with_room_for_nodes(connection, directory, cells)
    add_cells(connection, directory, cells)
    pods.note(connection, directory, cells.sightings, NOON)

    assert ({sighting.layer for sighting in kept.sightings}, left_out) == ({"proxy"}, 0)
    assert connection.execute("SELECT layer FROM pod_name").fetchall() == [("proxy",)]


def test_two_receivers_that_see_the_two_layers_at_once_do_not_miss_each_other() -> None:
    def write(own: Connection, layer: Sighting) -> None:
        directory = Directory()
        with own.transaction():
            directory.learn_nodes(own, [layer.node])
            pods.note(own, directory, [layer], NOON)

    first, second = LAYERS
    with opened() as one, opened() as other:
        waiting, its = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s", [other.info.backend_pid]
        thread = threading.Thread(target=write, args=(other, second))
        with one.transaction():
            write(one, first)
            thread.start()
            # The other one comes to wait for this transaction, or has not waited for it and is through.
            while thread.is_alive() and one.execute(waiting, its).fetchone() != ("advisory",):
                thread.join(0.01)
        thread.join()

        aliases = one.execute("SELECT alias_id <> node_id, evidence FROM node_alias").fetchall()

    assert aliases == [(True, "pod")]
