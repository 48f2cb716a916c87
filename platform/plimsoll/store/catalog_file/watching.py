"""Following the catalog file: what is saved is applied within a second, what is wrong is told once.

The contents are compared, not the file's dates: so it does not matter whether an editor writes into the file, puts
another in its place, or whether the file is a mounted one whose links are swapped.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import InterfaceError, OperationalError, connections

from plimsoll.store.catalog_file import applying, reading
from plimsoll.store.catalog_file.entries import Refused

log = logging.getLogger(__name__)

EVERY_S = 0.2
_AGAIN_S = 2.0


class Watch:
    """One process's view of the file. Contents count once they have been the same twice: an editor may be writing."""

    def __init__(self, path: Path, time_zone: str) -> None:
        self._path = path
        self._time_zone = time_zone
        self._seen: bytes | None = None
        self._done: bytes | None = None

    def begin(self) -> None:
        """Apply the file as it is. Raises Refused when it is wrong and none was ever applied."""
        found = self._contents()
        refused = self._taken(found)
        if refused is not None and not applying.was_ever_applied():
            raise refused
        self._seen = self._done = found

    def turn(self) -> None:
        """Look once, and apply or refuse what is new and settled."""
        found = self._contents()
        is_settled, self._seen = found == self._seen, found
        if is_settled and found != self._done:
            self._taken(found)
            self._done = found

    def run(self, ended: threading.Event) -> None:
        """Look again and again until the event is set, on a database connection of this thread's own."""
        wait_s = EVERY_S
        while not ended.wait(wait_s):
            wait_s = EVERY_S
            try:
                self.turn()
            except (OperationalError, InterfaceError) as error:
                # Nothing was written; the same contents are tried again, on a new connection.
                log.warning("The catalog waits for the database: %s", str(error).strip().partition("\n")[0])
                connections.close_all()
                wait_s = _AGAIN_S
            except Exception:
                # One file that cannot be applied must not end the following of the next ones.
                log.exception("The catalog %s could not be applied; what was applied before stays.", self._path)
                connections.close_all()
                self._done = self._seen

    def _contents(self) -> bytes | None:
        """Return the file's contents, None when it cannot be read."""
        try:
            return reading.contents(self._path)
        except Refused:
            return None

    def _taken(self, found: bytes | None) -> Refused | None:
        """Apply contents, or refuse them and return why."""
        try:
            raw = reading.contents(self._path) if found is None else found
            entries = reading.read(raw, str(self._path), self._time_zone)
        except Refused as refused:
            log.error("The catalog was refused, and what was applied before stays:\n%s", refused)
            applying.refuse(str(self._path), str(refused))
            return refused
        changes = applying.apply(entries, path=str(self._path), digest=hashlib.sha256(raw).hexdigest())
        if changes:
            log.info("The catalog was applied: %d changes.", len(changes))
        return None


@contextmanager
def watched(path: Path | None, time_zone: str) -> Iterator[None]:
    """Apply the file now and whenever it changes, for as long as the block runs. Raises Refused as `Watch.begin` does.

    Without a file, what one managed before is left to people.
    """
    if path is None:
        applying.release()
        yield
        return
    watch, ended = Watch(path, time_zone), threading.Event()
    watch.begin()
    thread = threading.Thread(target=_followed, args=(watch, ended), daemon=True, name="catalog")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_AGAIN_S)


def _followed(watch: Watch, ended: threading.Event) -> None:
    try:
        watch.run(ended)
    finally:
        connections.close_all()
