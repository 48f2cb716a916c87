"""Group commit: what arrived while the last transaction ran is written by the next one, in one piece."""

import asyncio
import logging
import threading
import time
from collections import deque

import psycopg

from ingest.otlp.effect import Effect
from ingest.otlp.writer import Writer
from plimsoll.errors import Overloaded, Unavailable

logger = logging.getLogger(__name__)

# Pages hear of new traffic at most this often.
_TELL_EVERY_S = 3.0
# A larger group commits in several pieces, so that no transaction is long.
_MOST_REQUESTS = 256
_MOST_ITEMS = 65_536


class _Waiting:
    """An effect on its way, and who waits for it; without the effect when nobody does any more."""

    __slots__ = ("done", "effect")

    def __init__(self, effect: Effect, done: asyncio.Future[None]) -> None:
        self.effect: Effect | None = effect
        self.done = done


_Group = list[tuple[_Waiting, Effect]]


class Committer:
    """A thread that writes groups of effects; `commit` returns once the effect is durable."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.writer = Writer()
        self._loop = loop
        self._queue: deque[_Waiting] = deque()
        self._some = threading.Event()
        self._ending = False
        # When pages were told last, and whether there is something new.
        self._told_at = 0.0
        self._has_news = False
        self._thread = threading.Thread(target=self._run, name="committer")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    async def commit(self, effect: Effect) -> None:
        """Return when the effect is committed. Raises Unavailable or Overloaded when the database could not
        take it.

        Whoever stops waiting has not been told that it is, and sends again: what has not begun to be written is let go.
        """
        waiting = _Waiting(effect, self._loop.create_future())
        self._queue.append(waiting)
        self._some.set()
        try:
            await waiting.done
        except asyncio.CancelledError:
            waiting.effect = None
            raise

    def end(self) -> None:
        """Write what waits, and stop."""
        self._ending = True
        self._some.set()
        self._thread.join()
        self.writer.close()

    def _run(self) -> None:
        while not self._ending or self._queue:
            self._some.wait(self._tell_in_s() if self._has_news else None)
            self._some.clear()
            while group := self._next_group():
                self._answer(group, self._written([effect for _, effect in group]))
                self._tell()
            self._tell()

    def _tell_in_s(self) -> float:
        return max(0.0, self._told_at + _TELL_EVERY_S - time.monotonic())

    def _tell(self) -> None:
        """Tell pages of new traffic, unless they were told a moment ago; the last of it is always told."""
        if not self._has_news or self._tell_in_s():
            return
        self._told_at, self._has_news = time.monotonic(), False
        try:
            self.writer.tell()
        except psycopg.Error:
            # Who listens lost its connection, too, and takes everything for changed once it is back.
            self.writer.close()

    def _next_group(self) -> _Group:
        group: _Group = []
        items = 0
        while self._queue and len(group) < _MOST_REQUESTS and items < _MOST_ITEMS:
            waiting = self._queue.popleft()
            if (effect := waiting.effect) is not None:
                group.append((waiting, effect))
                items += effect.items
        return group

    def _written(self, effects: list[Effect]) -> Exception | None:
        """Write a group; return why it could not be written."""
        try:
            self.writer.write(effects)
            self._has_news = True
        except (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) as error:
            logger.warning("The database took no telemetry: %s", str(error).strip().partition("\n")[0])
            if isinstance(error, psycopg.errors.DiskFull):
                return Overloaded("The database's disk is full; send again.")
            return Unavailable("The database is away, or takes nothing; send again.")
        except Exception as error:
            if len(effects) > 1:
                # One request that cannot be written must not take the others with it.
                return _Apart()
            logger.exception("A request could not be written")
            return error
        return None

    def _answer(self, group: _Group, failure: Exception | None) -> None:
        if isinstance(failure, _Apart):
            for waiting, effect in group:
                self._answer([(waiting, effect)], self._written([effect]))
            return
        self._loop.call_soon_threadsafe(_settle, [waiting.done for waiting, _ in group], failure)


class _Apart(Exception):
    """The group failed as a whole; its requests have to be tried one by one."""


def _settle(group: list[asyncio.Future[None]], failure: Exception | None) -> None:
    for done in group:
        if done.done():
            continue
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)
