"""The dependency graph as a reader of the API sees it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from plimsoll.store.access import new_token

# Requests, attempts and failed calls of an edge; attempts are None when nobody could tell.
Counts = tuple[float, float | None, float]


def edges_shown(**query: str) -> list[dict[str, Any]]:
    """Return the edges of the last hour over REST, read with a token of its own."""
    now = datetime.now(UTC)
    window = {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
    headers = {"Authorization": f"Bearer {new_token('reader', ['read'])}"}
    answer = Client().get("/api/v1/topology/edges/", window | query, headers=headers)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def counts() -> dict[tuple[str, str, str], Counts]:
    """Return client, server and protocol -> figures; an edge listed twice fails."""
    rows = edges_shown()
    found = {
        (row["client"], row["server"], row["protocol"]): (row["requests"], row["attempts"], row["failed"])
        for row in rows
    }
    assert len(found) == len(rows)
    return found


def await_counts(expected: Mapping[tuple[str, str, str], Counts], read: Callable[[], object] = counts) -> None:
    """Wait until the edges are those expected, 30 s at most; the caller asserts."""
    deadline = time.monotonic() + 30
    while read() != expected and time.monotonic() < deadline:
        time.sleep(0.3)
