"""Observations with sensible defaults."""

from datetime import UTC, datetime, timedelta

from plimsoll.store.merge import Kind, Observation, Series

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """Return noon plus some minutes."""
    return NOON + timedelta(minutes=count)


def observation(
    kind: Kind = "deployment",
    external_id: str = "d1",
    at: datetime = NOON,
    rank: int = 0,
    series: Series | None = None,
    **fields: object,
) -> Observation:
    """Return an observation of one record."""
    return Observation(kind, external_id, at, fields, rank, series=series)
