"""Open incidents: how bad, what, for how long, and who is on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.severity import Label, label
from dashboards.times import written
from dashboards.wallboard.say import age
from plimsoll.store.queries.board import OpenIncident

ROOM: Final = 2
# A new one of these brings the organisation's board.
ALARMING: Final = 2
_UNKNOWN: Final = 9
# As far back as a list goes.
_LONGEST: Final = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Row:
    """One incident as the panel shows it."""

    id: int
    severity: Label
    title: str
    services: str
    age: str
    initials: str
    who: str
    is_somebody: bool


@dataclass(frozen=True, slots=True)
class Incidents:
    """The panel; `words` stand for the list where there is none."""

    count: int | None
    words: str
    rows: tuple[Row, ...] = ()
    more: int = 0
    # those that bring the organisation's board when they are new
    alarming: tuple[int, ...] = ()
    all_list: str = ""


def incidents(found: Sequence[OpenIncident], now: datetime, team: str | None, *, is_known: bool) -> Incidents:
    """Return the panel: the worst first, and of equals the oldest."""
    if not is_known:
        return Incidents(
            None,
            _("Not connected: no incident was reported yet. Point your alerts at a source under Setup."),
        )
    ordered = sorted(found, key=lambda each: (rank(each.severity), each.opened_at or now, each.id))
    return Incidents(
        count=len(found),
        words="" if found else _("None. Nothing is open."),
        rows=tuple(_row(each, now) for each in ordered[:ROOM]),
        more=max(0, len(found) - ROOM),
        alarming=tuple(sorted(each.id for each in found if rank(each.severity) <= ALARMING)),
        all_list=_list(found, now, team),
    )


def _list(found: Sequence[OpenIncident], now: datetime, team: str | None) -> str:
    """Return the address of the list of all that is open, however long it has been."""
    first = min((each.opened_at for each in found if each.opened_at is not None), default=now)
    start = max(first, now - _LONGEST).replace(second=0, microsecond=0)
    query: dict[str, object] = {"status": ("open", "acknowledged"), "from": written(start)}
    if team is not None:
        query["team"] = team
    return f"{reverse('incidents')}?{urlencode(query, doseq=True)}"


def rank(severity: str | None) -> int:
    """Return how bad a sender's word is: 1 is the worst, and what nobody said comes last."""
    return label(severity).level or _UNKNOWN


def _row(incident: OpenIncident, now: datetime) -> Row:
    people = incident.assignees or ()
    return Row(
        id=incident.id,
        severity=label(incident.severity),
        title=incident.title or _("Untitled incident"),
        services=", ".join(incident.services),
        age="" if incident.opened_at is None else age((now - incident.opened_at).total_seconds()),
        initials=initials(people[0]) if people else "",
        who=(people[0] if len(people) == 1 else f"{people[0]} +{len(people) - 1}") if people else _("nobody yet"),
        is_somebody=bool(people),
    )


def initials(name: str) -> str:
    """Return one or two letters for a person: of the first and the last word, or the first sign of a Chinese name."""
    words = [word for word in re.split(r"[\s._@-]+", name.strip()) if word]
    if not words:
        return ""
    if not words[0][0].isascii():
        return words[0][0]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()
