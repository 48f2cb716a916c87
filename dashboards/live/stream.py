"""One page that listens: what it has yet to be told. Bounded, because what waits are names, not events."""

import asyncio
import json
from collections.abc import Collection


class Stream:
    """What a listener has yet to be told; told twice before it is taken is told once."""

    __slots__ = ("_beat", "_changed", "_some", "is_over", "topics")

    def __init__(self, topics: Collection[str]) -> None:
        self.topics = frozenset(topics)
        self.is_over = False
        self._changed: set[str] = set()
        self._beat: bytes = b""
        self._some = asyncio.Event()

    def tell(self, changed: Collection[str], beat: bytes = b"") -> None:
        """Add names of what changed, of which only those count that are followed, and the latest beat."""
        self._changed |= self.topics.intersection(changed)
        self._beat = beat or self._beat
        if self._changed or self._beat:
            self._some.set()

    def end(self) -> None:
        """Have the stream close; the page comes back by itself."""
        self.is_over = True
        self._some.set()

    async def next(self) -> bytes:
        """Wait for something to tell, and return it as the stream has it; empty when the stream is over."""
        await self._some.wait()
        self._some.clear()
        if self.is_over:
            return b""
        said = self._beat
        if self._changed:
            said += event("changed", " ".join(sorted(self._changed)))
        self._beat = b""
        self._changed.clear()
        return said


def event(name: str, data: str | dict[str, object]) -> bytes:
    """Return an event as the standard has it; objects go as JSON, which has no line breaks."""
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()
