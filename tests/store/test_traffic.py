"""Writes of the traffic tables: what differs in spelling or role alone is one row."""

import time

import pytest
from django.db import connection as django_connection

from plimsoll.store import partitions, traffic
from plimsoll.store.cells import SPAN_SERVER_PROXY, Cells, Ref
from plimsoll.store.connections import opened
from plimsoll.store.directory import Directory

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = int(time.time()) // 60
SPELLINGS = (
    Ref("c1", "shop", "edge", "service"),
    Ref("c1", "shop", "Edge", "service"),
    Ref("c1", "shop", "edge", "gateway"),
)


def written(cells: Cells, question: str) -> list[tuple[object, ...]]:
    with opened() as connection:
        partitions.ensure_for_minutes(connection, traffic.minutes_of(cells))
        with connection.transaction():
            traffic.add_cells(connection, Directory(), cells)
    with django_connection.cursor() as cursor:
        cursor.execute(question)
        found: list[tuple[object, ...]] = cursor.fetchall()
    return found


def test_votes_for_one_name_in_several_spellings_add_up() -> None:
    cells = Cells()
    for spelling in SPELLINGS:
        cells.alias(Ref("c1", "shop", "front-door", "service"), spelling, "joined", 2)

    assert written(cells, "SELECT evidence, votes FROM node_alias") == [("joined", 6)]


def test_unattributed_requests_of_one_node_in_several_roles_add_up() -> None:
    cells = Cells()
    for spelling in SPELLINGS:
        cells.add_node(spelling, "prod", SPAN_SERVER_PROXY, MINUTE, unattributed=2, internal=1)

    assert written(cells, "SELECT unattributed, internal FROM node_minute") == [(6, 3)]
