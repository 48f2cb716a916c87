"""What was received lately, and what became of it, as people read it."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dashboards.frame.marks import Status
from dashboards.frame.page import Visit
from dashboards.setup.reasons import why
from plimsoll.store.models import Source
from plimsoll.store.queries import setup as stored
from plimsoll.store.queries.setup import Item

LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: `word` and `why` are ours, the names, `what` and `said` are data."""

    item: Item
    status: Status
    word: str
    why: str
    spans: int
    points: int
    refused: int
    dropped: int

    @property
    def said(self) -> str:
        """What the reason adds that only a program can say."""
        if self.item.outcome in ("failed", "unused") or self.item.code == "invalid_record":
            return self.item.reason
        return self.item.reason if self.item.code and not self.why else ""


def entries(visit: Visit, *, is_admin: bool) -> list[Entry]:
    """Return the last twenty, newest first; what is expected of a sender is for admins alone."""
    items = stored.received(LATEST, visit.now)
    sources = Source.objects.in_bulk({item.source for item in items if item.source}) if is_admin else {}
    return [_entry(item, sources.get(item.source or 0)) for item in items]


def _entry(item: Item, source: Source | None) -> Entry:
    words: dict[str, tuple[Status, str]] = {
        "taken": ("ok", _("accepted")),
        "waiting": ("warn", _("being read")),
        "unused": ("unk", _("not used")),
        "failed": ("bad", _("not understood")),
        "refused": ("bad", _("refused")),
    }
    status, word = words[item.outcome]
    counts = item.counts
    return Entry(
        item,
        status,
        word,
        why(item, source) if item.outcome == "refused" else "",
        counts.get("spans", 0),
        counts.get("points", 0),
        counts.get("refused", 0),
        counts.get("dropped", 0),
    )
