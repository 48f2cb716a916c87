"""How often a token may ask: 600 requests in a minute (reliability, section 4).

Counted in fixed windows of one minute in this process's memory. So it is exact within a process; several web processes
each allow the whole number, and around the turn of a minute twice the number may pass.
"""

import threading
import time
from dataclasses import dataclass

REQUESTS = 600
WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What is left after asking: `remaining` requests until `reset_s` seconds from now."""

    allowed: bool
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        """The `RateLimit-*` headers, and `Retry-After` when nothing is left."""
        named = {
            "RateLimit-Limit": str(REQUESTS),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }
        return named if self.allowed else {**named, "Retry-After": str(self.reset_s)}


class Windows:
    """Counts by key in the current minute; the memory of the minute before is dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = -1
        self._counts: dict[str, int] = {}

    def take(self, key: str, now_s: float | None = None) -> Taken:
        """Count one request of the key."""
        moment = time.time() if now_s is None else now_s
        window = int(moment // WINDOW_S)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts.get(key, 0) + 1
            self._counts[key] = min(count, REQUESTS + 1)
        reset_s = max(1, int((window + 1) * WINDOW_S - moment))
        return Taken(count <= REQUESTS, max(0, REQUESTS - count), reset_s)

    def clear(self) -> None:
        """Forget all counts."""
        with self._lock:
            self._counts.clear()


windows = Windows()
