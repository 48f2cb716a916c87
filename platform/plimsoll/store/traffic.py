"""Writes of the traffic tables: additive, in the caller's transaction, keys in order so that writers never deadlock."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from plimsoll.store.admission import refs, with_room_for_edges, with_room_for_nodes
from plimsoll.store.arrays import BigInts, Floats
from plimsoll.store.cells import COUNTERS, Cell, Cells, Lane
from plimsoll.store.connections import Connection
from plimsoll.store.directory import Directory

_FRESH = """
INSERT INTO ingest_batch (id)
SELECT id FROM unnest(%s::uuid[]) AS new (id) ORDER BY id
ON CONFLICT DO NOTHING
RETURNING id
"""

_SUMS: Final = (*COUNTERS, "latency_sum_ms")
_sums: Final = attrgetter(*_SUMS)
_COUNTER_ARRAYS: Final = [BigInts if name in ("observed", "weight_unknown") else Floats for name in _SUMS]

_EDGE_MINUTES: Final = """
INSERT INTO edge_minute (
    minute, edge_id, vantage, client_version, server_version, bounds,
    observed, requests, attempts, failed, client_errors, throttled, aborted, denied, unreached,
    weight_unknown, weighted_requests, weighted_failed, weight_spread, latency_sum_ms, latency_min_ms,
    latency_max_ms, latency
)
SELECT
    to_timestamp(minute), edge_id, vantage, client_version, server_version, bounds,
    observed, requests, attempts, failed, client_errors, throttled, aborted, denied, unreached,
    weight_unknown, weighted_requests, weighted_failed, weight_spread, latency_sum_ms, latency_min_ms,
    latency_max_ms, latency::bigint[]
FROM unnest(
    %s::bigint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::integer[],
    %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],
    %s::float8[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[],
    %s::text[]
) AS new (
    minute, edge_id, vantage, client_version, server_version, bounds,
    observed, requests, attempts, failed, client_errors, throttled, aborted, denied, unreached,
    weight_unknown, weighted_requests, weighted_failed, weight_spread, latency_sum_ms, latency_min_ms,
    latency_max_ms, latency
)
ON CONFLICT (minute, edge_id, vantage, client_version, server_version, bounds) DO UPDATE SET
    observed = edge_minute.observed + excluded.observed,
    requests = edge_minute.requests + excluded.requests,
    attempts = edge_minute.attempts + excluded.attempts,
    failed = edge_minute.failed + excluded.failed,
    client_errors = edge_minute.client_errors + excluded.client_errors,
    throttled = edge_minute.throttled + excluded.throttled,
    aborted = edge_minute.aborted + excluded.aborted,
    denied = edge_minute.denied + excluded.denied,
    unreached = edge_minute.unreached + excluded.unreached,
    weight_unknown = edge_minute.weight_unknown + excluded.weight_unknown,
    weighted_requests = edge_minute.weighted_requests + excluded.weighted_requests,
    weighted_failed = edge_minute.weighted_failed + excluded.weighted_failed,
    weight_spread = edge_minute.weight_spread + excluded.weight_spread,
    latency_sum_ms = edge_minute.latency_sum_ms + excluded.latency_sum_ms,
    latency_min_ms = least(edge_minute.latency_min_ms, excluded.latency_min_ms),
    latency_max_ms = greatest(edge_minute.latency_max_ms, excluded.latency_max_ms),
    latency = latency_add(edge_minute.latency, excluded.latency)
"""

_NODE_MINUTES: Final = """
INSERT INTO node_minute (minute, node_id, environment, vantage, unattributed, internal)
SELECT to_timestamp(minute), node_id, environment, vantage, unattributed, internal
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::float8[], %s::float8[])
    AS new (minute, node_id, environment, vantage, unattributed, internal)
ON CONFLICT (minute, node_id, environment, vantage) DO UPDATE SET
    unattributed = node_minute.unattributed + excluded.unattributed,
    internal = node_minute.internal + excluded.internal
"""

_ALIASES: Final = """
INSERT INTO node_alias (alias_id, node_id, evidence, votes, first_seen, last_seen)
SELECT alias_id, node_id, evidence, votes, now(), now()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[]) AS new (alias_id, node_id, evidence, votes)
ON CONFLICT (alias_id, node_id, evidence) DO UPDATE SET
    votes = node_alias.votes + excluded.votes, last_seen = excluded.last_seen, updated_at = now()
"""

_HEALTH: Final = """
INSERT INTO ingest_health (minute, source, counter, reason, count)
SELECT date_trunc('minute', now()), source, counter, reason, count
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS new (source, counter, reason, count)
ON CONFLICT (minute, source, counter, reason) DO UPDATE SET count = ingest_health.count + excluded.count
"""


def fresh(connection: Connection, batches: Collection[bytes]) -> set[bytes]:
    """Return those of the batch ids that have not had their effect yet, and note that they have it now."""
    rows = connection.execute(_FRESH, [[UUID(bytes=batch) for batch in batches]])
    return {row[0].bytes for row in rows}


def add_cells(connection: Connection, directory: Directory, cells: Cells) -> None:
    """Add counters to the minutes of their edges and nodes; for what there is no room, see `cells.health`."""
    told = cells
    cells, left_out = with_room_for_nodes(connection, directory, cells)
    if left_out:
        told.count("refused", "no room for another node", left_out)
    directory.learn_nodes(connection, refs(cells))
    cells, left_out = with_room_for_edges(connection, directory, cells)
    if left_out:
        told.count("refused", "no room for another edge", left_out)
    directory.learn_edges(connection, [(lane, minute) for lane, minute, _ in cells.edges])
    if cells.edges:
        bounds = _bounds_ids(connection, {key[2] for key in cells.edges if key[2]})
        keys, counters, others = zip(*_merged_rows(directory, cells.edges, bounds), strict=True)
        # Counters are most of the columns.
        numbers = zip(_COUNTER_ARRAYS, zip(*counters, strict=True), strict=True)
        connection.execute(
            _EDGE_MINUTES, [*_columns(keys), *(array.of(column) for array, column in numbers), *_columns(others)]
        )
    if cells.nodes:
        nodes = sorted((*key, *counts) for key, counts in _nodes(directory, cells).items())
        connection.execute(_NODE_MINUTES, _columns(nodes))
    if cells.aliases:
        votes: Counter[tuple[int, int, str]] = Counter()
        for (alias, node, evidence), n in cells.aliases.items():
            votes[directory.nodes[alias.key], directory.nodes[node.key], evidence] += n
        aliases = sorted((*key, n) for key, n in votes.items())
        connection.execute(_ALIASES, _columns(aliases))


def _nodes(directory: Directory, cells: Cells) -> dict[tuple[int, int, str, int], list[float]]:
    """Return the counts of nodes by primary key: names that differ in spelling or role alone are the same node."""
    found: dict[tuple[int, int, str, int], list[float]] = {}
    for (lane, minute), (unattributed, internal) in cells.nodes.items():
        key = (minute * 60, directory.nodes[lane.node.key], lane.environment, lane.vantage)
        counts = found.setdefault(key, [0.0, 0.0])
        counts[0] += unattributed
        counts[1] += internal
    return found


def add_health(connection: Connection, counts: Mapping[tuple[str, str, str], int]) -> None:
    """Add to the counters of ingest health: (source, counter, reason) -> n."""
    rows = sorted((*key, n) for key, n in counts.items())
    if rows:
        connection.execute(_HEALTH, _columns(rows))


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _merged_rows(
    directory: Directory,
    edges: Mapping[tuple[Lane, int, tuple[float, ...]], Cell],
    bounds: Mapping[tuple[float, ...], int],
) -> list[tuple[tuple[object, ...], tuple[float, ...], tuple[object, ...]]]:
    """Return one row a primary key, in order, as key, counters and the rest: lanes that differ in evidence or spelling
    alone are the same row.
    """
    by_key: dict[tuple[object, ...], Cell] = {}
    for (lane, minute, own_bounds), cell in edges.items():
        edge_id = directory.edges[directory.edge_key(lane)].id
        key = (
            minute * 60, edge_id, lane.vantage, lane.client_version, lane.server_version,
            bounds[own_bounds] if own_bounds else 0,
        )  # fmt: skip
        if key in by_key:
            by_key[key].add(cell)
        else:
            by_key[key] = cell
    return [(key, _sums(cell), _rest(cell)) for key, cell in sorted(by_key.items(), key=lambda item: item[0])]


def _rest(cell: Cell) -> tuple[object, ...]:
    # The sketch as text: one value a row is half the work of an array of arrays, which would need equal lengths.
    parts = ",".join([str((bucket << 40) | n) for bucket, n in cell.latency.items()])
    return cell.latency_min_ms, cell.latency_max_ms, f"{{{parts}}}"


def _bounds_ids(connection: Connection, wanted: Collection[tuple[float, ...]]) -> dict[tuple[float, ...], int]:
    """Return the numbers of sets of latency bounds, made when new."""
    numbers = {}
    for bounds in sorted(wanted):
        connection.execute("INSERT INTO latency_bounds (bounds_ms) VALUES (%s) ON CONFLICT DO NOTHING", [list(bounds)])
        row = connection.execute(
            "SELECT id FROM latency_bounds WHERE bounds_ms = %s::float8[]", [list(bounds)]
        ).fetchone()
        if row is not None:
            numbers[bounds] = int(row[0])
    return numbers


def minutes_of(cells: Cells) -> Sequence[datetime]:
    """Return the days that the cells' minutes fall on, for making missing partitions."""
    days = {minute // 1440 for _, minute, _ in cells.edges} | {minute // 1440 for _, minute in cells.nodes}
    return [datetime.fromtimestamp(day * 86_400, UTC) for day in sorted(days)]
