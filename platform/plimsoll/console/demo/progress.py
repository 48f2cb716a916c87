"""Shows how far the demo's history is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from plimsoll.console.screen import has_colour

_LINES_EVERY_S = 5.0


class Progress(Protocol):
    """Somebody to tell about progress; from any thread."""

    def sent(self) -> None:
        """Say that one more webhook was sent."""

    def understood(self, count: int) -> None:
        """Say how many webhooks were understood so far."""


@contextmanager
def shown(total: int) -> Iterator[Progress]:
    """Show the progress of so many webhooks while the block runs."""
    if total and has_colour(sys.stderr):
        with _bars(total) as bars:
            yield bars
    else:
        yield _Lines(total)


class _Lines:
    """Plain lines, at most one in five seconds."""

    def __init__(self, total: int) -> None:
        self._total, self._sent, self._lock = total, 0, threading.Lock()
        self._due = time.monotonic() + _LINES_EVERY_S

    def sent(self) -> None:
        with self._lock:
            self._sent += 1
            self._say("sent", self._sent)

    def understood(self, count: int) -> None:
        with self._lock:
            if self._sent == self._total:
                self._say("understood", count)

    def _say(self, what: str, count: int) -> None:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + _LINES_EVERY_S
            print(f"history: {count} of {self._total} webhooks {what}", file=sys.stderr, flush=True)


@contextmanager
def _bars(total: int) -> Iterator[Progress]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("   {task.description:<21}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown_bars:
        sending = shown_bars.add_task("history: webhooks", total=total)
        reading = shown_bars.add_task("history: understood", total=total)

        class Bars:
            def sent(self) -> None:
                shown_bars.advance(sending)

            def understood(self, count: int) -> None:
                shown_bars.update(reading, completed=count)

        yield Bars()
