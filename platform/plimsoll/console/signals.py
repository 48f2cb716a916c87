"""Signals as something to wait for, so that a main loop reacts at once and does everything itself."""

import os
import select
import signal
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """Counts the requests to end, and wakes `wait` for them and for children that ended."""

    def __init__(self) -> None:
        self.endings = 0
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for each in ENDING:
            signal.signal(each, self._end)
        signal.signal(signal.SIGCHLD, lambda signum, frame: None)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self.endings += 1

    def wait(self, seconds: float) -> None:
        """Return after the time or at the next signal."""
        if select.select([self._woken], [], [], max(seconds, 0))[0]:
            os.read(self._woken, 4096)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends do not block; macOS has no pipe2."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends
