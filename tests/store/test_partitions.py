"""Partitions are there when they are needed and gone when they are old, on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from plimsoll.errors import BadSetting
from plimsoll.store import partitions
from plimsoll.store.connections import Connection, opened

NOW = datetime(2026, 5, 20, 10, 7, 30, tzinfo=UTC)
INSERT = "INSERT INTO node_minute VALUES (%s, 1, 'production', 1, 2, 0)"


def drop_all(own: Connection) -> None:
    for table in partitions.WIDTH:
        for partition in partitions.existing(own, table):
            assert partitions.drop(own, partition)


@pytest.fixture
def connection(transactional_db: None) -> Iterator[Connection]:
    own = opened()
    # Whoever wrote telemetry or ran the worker before left partitions of today.
    drop_all(own)
    yield own
    drop_all(own)
    own.close()


def names(connection: Connection, table: str) -> list[str]:
    return [partition.name for partition in partitions.existing(connection, table)]


def test_upkeep_makes_today_and_two_days_and_the_slots_of_a_quarter_of_an_hour(
    connection: Connection,
) -> None:
    partitions.upkeep(connection, NOW)

    days = ["20260520", "20260521", "20260522"]
    slots = ["202605201005", "202605201010", "202605201015", "202605201020"]
    assert names(connection, "edge_minute") == [f"edge_minute_{day}" for day in days]
    assert names(connection, "node_minute") == [f"node_minute_{day}" for day in days]
    assert names(connection, "span_owner") == [f"span_owner_{slot}" for slot in slots]
    assert names(connection, "span_wait") == [f"span_wait_{slot}" for slot in slots]


def test_upkeep_drops_days_that_ended_two_days_ago_and_no_others(connection: Connection) -> None:
    # 10:07 on the 20th: two days before is 10:07 on the 18th, so the 17th has ended and the 18th has not.
    partitions.ensure_for_minutes(connection, [date(2026, 5, day) for day in (16, 17, 18, 19)])

    partitions.upkeep(connection, NOW)

    assert names(connection, "edge_minute")[:2] == ["edge_minute_20260518", "edge_minute_20260519"]
    assert names(connection, "node_minute")[:2] == ["node_minute_20260518", "node_minute_20260519"]


def test_slots_are_dropped_when_they_ended_before_a_time(connection: Connection) -> None:
    partitions.ensure_for_slots(connection, [NOW - timedelta(minutes=m) for m in (25, 20, 15, 0)])

    gone = partitions.drop_before(connection, partitions.SLOT_TABLES, NOW - timedelta(minutes=15))

    # Slots began at 9:40, 9:45, 9:50 and 10:05; those that ended at or before 9:52:30 are the first two.
    assert [partition.name for partition in gone if partition.table == "span_wait"] == [
        "span_wait_202605200940",
        "span_wait_202605200945",
    ]
    assert names(connection, "span_owner") == ["span_owner_202605200950", "span_owner_202605201005"]


def test_a_missing_day_is_made_on_demand_and_the_late_row_is_kept(connection: Connection) -> None:
    late = NOW - timedelta(hours=24)
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition of relation"):
        connection.execute(INSERT, (late,))

    partitions.ensure_for_minutes(connection, [late])
    connection.execute(INSERT, (late,))

    assert connection.execute("SELECT unattributed FROM node_minute WHERE minute = %s", (late,)).fetchone() == (2.0,)


def test_a_partition_carries_the_indexes_of_its_table(connection: Connection) -> None:
    partitions.ensure(connection, "edge_minute", NOW)

    query = "SELECT count(*) FROM pg_index WHERE indrelid = 'edge_minute_20260520'::regclass AND indisvalid"
    assert connection.execute(query).fetchone() == (2,)


def test_many_processes_may_make_the_same_partition_at_once(connection: Connection) -> None:
    def make(_: int) -> int:
        with opened() as own:
            return sum(partitions.ensure(own, "edge_minute", NOW + timedelta(days=day)) for day in range(5))

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(make, range(6)))

    assert sum(made) == 5


def test_making_a_partition_does_not_wait_for_writers(connection: Connection) -> None:
    partitions.ensure(connection, "node_minute", NOW)
    connection.execute("SET lock_timeout = '2s'")
    with opened() as writer, writer.transaction():
        writer.execute(INSERT, (NOW,))

        assert partitions.ensure(connection, "node_minute", NOW + timedelta(days=1))


def test_a_partition_that_is_being_read_is_left_for_the_next_time(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_TRIES", 1)
    partitions.ensure(connection, "node_minute", NOW)
    partition = partitions.containing("node_minute", NOW)
    with opened() as reader, reader.transaction():
        reader.execute("SELECT count(*) FROM node_minute")
        while_read = partitions.drop(connection, partition)

    assert not while_read
    assert partitions.drop(connection, partition)


def test_a_day_ends_at_midnight_utc_wherever_the_time_was_taken() -> None:
    tokyo = datetime.fromisoformat("2026-05-21T08:59:59+09:00")

    partition = partitions.containing("edge_minute", tokyo)

    assert partition.name == "edge_minute_20260520"
    assert partition.end == datetime(2026, 5, 21, tzinfo=UTC)


@pytest.mark.parametrize("value", ["24", "-1", "two days", "1e3"])
def test_keeping_minutes_for_less_than_may_arrive_late_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PLIMSOLL_MINUTES_KEPT_H", value)

    with pytest.raises(BadSetting, match="PLIMSOLL_MINUTES_KEPT_H"):
        partitions.minutes_kept()
