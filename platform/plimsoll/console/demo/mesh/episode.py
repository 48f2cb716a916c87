"""A failing canary from its beginning to its end, kept in a file so that no release stays half told."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from plimsoll.console.demo.state import replace_file


@dataclass(frozen=True, slots=True)
class Episode:
    """Which service, how bad, and when each thing happens; `before` is the version that it is rolled back to.

    The canary takes `share` of the requests, fails `error_rate` of them and is `slower` times as slow as usual.
    """

    service: str
    version: str
    before: str
    share: float
    error_rate: float
    slower: float
    started_at: datetime
    alerted_at: datetime
    undone_at: datetime
    calm_at: datetime


_TIMES = ("started_at", "alerted_at", "undone_at", "calm_at")


def kept(path: Path) -> Episode | None:
    """Return the episode that was under way when the mesh last ended, None when there was none."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return Episode(**found | {name: datetime.fromisoformat(found[name]) for name in _TIMES})


def keep(path: Path, episode: Episode) -> None:
    """Remember the episode that is under way."""
    replace_file(path, asdict(episode) | {name: getattr(episode, name).isoformat() for name in _TIMES})


def forget(path: Path) -> None:
    """Remember none."""
    path.unlink(missing_ok=True)
