"""The process's ear: one connection listens, everybody who has a page open is told."""

import asyncio
import logging
import random
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

import psycopg

from dashboards.live.stream import Stream, event
from dashboards.times import written
from plimsoll.store import notices

logger = logging.getLogger(__name__)

BEAT_S: Final = 15.0
# A topic is told at most this often, however often it changes.
EVERY_S: Final = 1.0
# So long may pass between the drawing of a page and the opening of its stream.
LATELY_S: Final = 10.0
# Telling takes some 60 µs a stream, and pages that hear of a change ask for it at once: so not all in one moment.
SLICE: Final = 20
SLICE_PAUSE_S: Final = 0.01
# The database is asked for again after so long: twice as long each time.
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 15.0
# The server has its own limit of 5 s on the statement; after this the connection is dead.
ANSWER_S: Final = 10.0
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OSError, TimeoutError)


class Hub:
    """All streams of a process, of one event loop. It listens while there is somebody to tell, and a beat longer."""

    def __init__(self, *, beat_s: float = BEAT_S, every_s: float = EVERY_S) -> None:
        self.streams: set[Stream] = set()
        self.is_over = False
        self._beat_s = beat_s
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self._last_beat = b""
        self._is_away = False
        self._due: set[str] = set()
        self._told_at: dict[str, float] = {}
        self._telling: asyncio.Task[None] | None = None

    def join(self, stream: Stream) -> None:
        """Begin to tell a stream, also of what changed a moment ago; the first one has the process listen.

        The page was drawn before its stream was open, and must not miss what changed in between.
        """
        self.streams.add(stream)
        if self._last_beat:
            lately = asyncio.get_running_loop().time() - LATELY_S
            stream.tell([name for name, at in self._told_at.items() if at >= lately], self._last_beat)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen(), name="live")

    def leave(self, stream: Stream) -> None:
        """Tell a stream no more."""
        self.streams.discard(stream)

    def end(self) -> None:
        """End all streams at once, and let nobody join any more: the process ends."""
        self.is_over = True
        for stream in self.streams:
            stream.end()
        for task in (self._task, self._telling):
            if task is not None:
                task.cancel()

    def hear(self, payload: str) -> None:
        """Take a notice: names that changed, or that somebody may have lost the right to listen."""
        names = payload.split()
        if notices.ACCESS in names:
            # They come back within seconds and are looked at again; who may no longer, stays out.
            for stream in self.streams:
                stream.end()
            return
        self._due.update(name for name in names if name in notices.TOPICS)
        if self._due and (self._telling is None or self._telling.done()):
            self._telling = asyncio.get_running_loop().create_task(self._tell_due(), name="live telling")

    async def _tell_due(self) -> None:
        """Tell what is due, each topic at most once a while, until nothing is."""
        clock = asyncio.get_running_loop().time
        while self._due:
            now = clock()
            ready = {name for name in self._due if now - self._told_at.get(name, -self._every_s) >= self._every_s}
            if not ready:
                next_at = min(self._told_at[name] for name in self._due) + self._every_s
                await asyncio.sleep(max(0.0, next_at - now))
                continue
            self._due -= ready
            self._told_at.update(dict.fromkeys(ready, now))
            await self._tell(ready)

    async def _tell(self, changed: Collection[str], beat: bytes = b"") -> None:
        streams = tuple(self.streams)
        for first in range(0, len(streams), SLICE):
            for stream in streams[first : first + SLICE]:
                stream.tell(changed, beat)
            await asyncio.sleep(SLICE_PAUSE_S)

    async def _listen(self) -> None:
        """Listen while anybody is there, over losses of the database."""
        wait_s = FIRST_WAIT_S
        while self.streams:
            try:
                async with asyncio.timeout(ANSWER_S):
                    own = await notices.listening()
            except _AWAY as error:
                await self._away(error)
                await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            wait_s = FIRST_WAIT_S
            async with own:
                try:
                    await self._follow(own)
                except _AWAY as error:
                    await self._away(error)
        self._last_beat = b""

    async def _follow(self, own: notices.Listening) -> None:
        """Pass on what is heard, with a beat every so often, until nobody is left."""
        clock = asyncio.get_running_loop().time
        # What was told while nobody listened is lost: anything may have changed.
        missed: Collection[str] = notices.TOPICS
        while self.streams:
            async with asyncio.timeout(ANSWER_S):
                telemetry, deliveries = await notices.data_through(own)
            self._is_away = False
            self._last_beat = _beat(telemetry, deliveries)
            if missed:
                self._told_at.update(dict.fromkeys(missed, clock()))
            await self._tell(missed, self._last_beat)
            missed = ()
            beat_at = clock() + self._beat_s
            while (left := beat_at - clock()) > 0:
                async for notice in own.notifies(timeout=left):
                    self.hear(notice.payload)

    async def _away(self, error: Exception) -> None:
        if not self._is_away:
            logger.warning("Live pages: the database is away: %s", str(error).strip().partition("\n")[0])
        self._is_away = True
        self._last_beat = event("beat", {"now": written(datetime.now(UTC)), "database": "away"})
        await self._tell((), self._last_beat)


def _beat(telemetry: datetime | None, deliveries: datetime | None) -> bytes:
    """Return the beat: until when the figures have what was sent, null for what never came."""
    return event(
        "beat",
        {
            "now": written(datetime.now(UTC)),
            "telemetry": None if telemetry is None else written(telemetry),
            "deliveries": None if deliveries is None else written(deliveries),
        },
    )
