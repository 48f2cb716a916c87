"""Loads the demo's history into a running installation: `python -m plimsoll.console.demo.load`, a part that ends."""

import argparse
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plimsoll import env
from plimsoll.console import FAILED, USAGE, database
from plimsoll.console.demo import history, state
from plimsoll.console.demo.company import found
from plimsoll.console.demo.hooks import Hook, hooks
from plimsoll.console.demo.progress import Progress, shown
from plimsoll.console.demo.sender import send_all
from plimsoll.console.screen import Screen
from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import lifeline

# How long the worker may go on after the last webhook was sent.
PATIENCE_S = 300.0
_EVERY_S = 0.2


def main() -> int:
    """Set the demo up, send the history that was not sent yet, and wait until it is understood."""
    lifeline.hold()
    parser = argparse.ArgumentParser(prog="python -m plimsoll.console.demo.load", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    options = parser.parse_args()
    try:
        with database.available("demo"):
            load(options.seed, options.days)
    except PlimsollError as error:
        print(f"plimsoll: {error}", file=sys.stderr)
        return USAGE if isinstance(error, BadSetting) else FAILED
    return 0


def load(seed: int, days: int) -> None:
    """Bring the history up to now, and remember that it is."""
    from plimsoll.console.demo.setup import configured

    began = time.monotonic()
    path = state.file_of(database.data_folder())
    memory = configured(path, seed, days, env.time_zone("PLIMSOLL_TIME_ZONE", "UTC"))
    until = datetime.now(UTC).replace(microsecond=0)
    waiting = [hook for hook in story(memory, until) if memory.told_until is None or memory.told_until < hook.at]
    doors = memory.doors(env.address("PLIMSOLL_WEB", "127.0.0.1:8000").reachable)
    with shown(len(waiting)) as progress:
        watch = _Watch(len(waiting), progress)
        send_all(doors, waiting, watch.sent)
        watch.until_understood()
    state.write(path, replace(memory, told_until=until))
    told = f"{len(waiting)} webhooks" if memory.told_until is None else f"{len(waiting)} more webhooks"
    text = f"{memory.days} days, {told} in {time.monotonic() - began:.1f} s"
    Screen().part("well", "history", text)


def story(memory: state.State, until: datetime) -> list[Hook]:
    """Return all webhooks up to a moment, oldest first."""
    company = found(memory.seed)
    told = history.write(company, memory.anchor, memory.days, until, ZoneInfo(memory.time_zone))
    return [hook for hook in hooks(company, told) if hook.at <= until]


class _Watch:
    """Follows what the worker has understood of what was sent."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress = total, progress
        self._sent = 0
        self._lock = threading.Lock()

    def sent(self) -> None:
        """Count a webhook that the server has; called from the sending threads."""
        with self._lock:
            self._sent += 1
        self._progress.sent()

    def until_understood(self) -> None:
        """Wait until nothing that was delivered is left to do."""
        from plimsoll import jobs
        from plimsoll.store.models import WebhookDelivery

        deadline = time.monotonic() + PATIENCE_S
        pending = WebhookDelivery.objects.filter(status="pending")
        while left := pending.count():
            self._progress.understood(max(0, self._total - left))
            if time.monotonic() > deadline:
                raise PlimsollError(f"{left} webhooks are not understood after {timedelta(seconds=PATIENCE_S)}.")
            time.sleep(_EVERY_S)
        while jobs.is_running("normalise") and time.monotonic() < deadline:
            time.sleep(_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
