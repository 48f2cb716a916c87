"""Traffic of a little mesh, written as a receiver writes it, and the graph that is shown of it."""

import time
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import connection

from plimsoll.insight.topology import EdgeRow, NodeRow, edges, nodes
from plimsoll.store import partitions, traffic
from plimsoll.store.cells import METRIC_CLIENT, Cell, Cells, Lane, Ref
from plimsoll.store.directory import Directory

FRONTEND, REVIEWS = Ref("c1", "shop", "frontend", "service"), Ref("c1", "shop", "reviews", "service")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def outside(name: str) -> Ref:
    """A host outside of the mesh."""
    return Ref("", "", name, "external")


def calls(
    cells: Cells,
    vantage: int = METRIC_CLIENT,
    requests: float = 1,
    *,
    client: Ref = FRONTEND,
    server: Ref = REVIEWS,
    protocol: str = "http",
    environment: str = "",
    via: str = "",
    **counters: float,
) -> Cell:
    """Count calls of this minute and return their counters."""
    lane = Lane(environment, client, server, protocol, vantage, via=via)
    cell = cells.add(lane, int(time.time()) // 60, observed=int(requests), requests=requests)
    for name, n in counters.items():
        setattr(cell, name, type(getattr(cell, name))(n))
    return cell


def written(cells: Cells) -> datetime:
    """Write cells, and return a moment after them."""
    connection.ensure_connection()
    own, now = connection.connection, datetime.now(UTC)
    # The test's own transaction, through a cursor like a receiver's: Django's sends arrays as text.
    djangos, own.cursor_factory = own.cursor_factory, psycopg.Cursor
    try:
        partitions.ensure_for_minutes(own, [now])
        traffic.add_cells(own, Directory(), cells)
    finally:
        own.cursor_factory = djangos
    return now + MINUTE


def edge_rows(cells: Cells, environments: tuple[str, ...] = ()) -> list[EdgeRow]:
    """Write cells and return the edges of the last hour."""
    end = written(cells)
    return edges(start=end - HOUR, end=end, environments=environments)


def node_rows(cells: Cells) -> dict[str, NodeRow]:
    """Write cells and return the nodes of the last hour by name."""
    end = written(cells)
    return {row.name: row for row in nodes(start=end - HOUR, end=end)}


def requests_of(cells: Cells) -> dict[tuple[str, str, str], float]:
    """Write cells and return client, server and protocol -> requests; an edge that is shown twice fails."""
    rows = edge_rows(cells)
    found = {(row.client, row.server, row.protocol): row.requests for row in rows}
    assert len(found) == len(rows)
    return found
