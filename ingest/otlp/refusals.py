"""Requests that were refused at the receiver's door: counted, and written down once a second at most.

A sender with a wrong token may come a thousand times a second; it costs one row a second.
"""

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime

from django.db import DatabaseError, close_old_connections

from plimsoll.store import refusals

logger = logging.getLogger(__name__)

EVERY_S = 1.0


class Refusals:
    """Counts why requests were refused; lives in the receiver's event loop."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def count(self, code: str) -> None:
        """Count a refusal; it is written within a second."""
        self._counts[code] += 1
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._later())

    async def written(self) -> None:
        """Return once all that was counted is written."""
        if self._writing is not None:
            await self._writing

    async def _later(self) -> None:
        while self._counts:
            await asyncio.sleep(EVERY_S)
            counts, self._counts = self._counts, Counter()
            await asyncio.to_thread(_write, counts)


def _write(counts: Counter[str]) -> None:
    close_old_connections()
    try:
        for code, count in counts.items():
            refusals.note(refusals.TELEMETRY, code, "", datetime.now(UTC), count)
    except DatabaseError as error:
        # They explain what is wrong with a sender; without them nothing is counted wrongly.
        logger.warning("Refusals could not be written down: %s", str(error).strip().partition("\n")[0])
    finally:
        close_old_connections()
