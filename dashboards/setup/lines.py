"""The lines of the checklist: each is done when the first real thing of its kind has arrived."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.marks import Status
from dashboards.frame.page import Visit
from plimsoll.store.queries import setup as stored
from plimsoll.store.queries.setup import Arrived

DEPLOYMENT_SENDERS: Final = ("github", "generic")
INCIDENT_SENDERS: Final = ("alertmanager", "generic")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, how it stands (shape and word), and what arrived last or what to do next.

    `names` are data: who or what arrived. A line that is not part of this version counts towards nothing.
    """

    key: str
    number: int
    title: str
    status: Status
    word: str
    text: str
    names: str = ""
    at: datetime | None = None
    is_offered: bool = True

    @property
    def is_done(self) -> bool:
        """Whether its first event has arrived."""
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines, in their order; they may be done in any."""

    lines: tuple[Line, ...]

    @property
    def done(self) -> int:
        """How many lines are done."""
        return sum(line.is_done for line in self.lines)

    @property
    def offered(self) -> int:
        """How many lines there are to do."""
        return sum(line.is_offered for line in self.lines)


def checklist(visit: Visit) -> Checklist:
    """Return where this installation stands; what arrived last is named to those who may see every team's things."""
    is_named = visit.reader.teams is None
    arriving = (each(is_named=is_named) for each in (_deployments, _telemetry, _incidents))
    return Checklist((_services(visit.reader.team), *arriving, *_later()))


def _services(team: int | None) -> Line:
    found = stored.services(team)
    title = _("Services")
    if found.at is None:
        hint = _("Create one, or let the first deployment or call discover it.")
        return Line("services", 1, title, "unk", _("none yet"), hint)
    text = ngettext("%(n)d service is known; the newest:", "%(n)d services are known; the newest:", found.count)
    return Line("services", 1, title, "ok", _("known"), text % {"n": found.count}, found.names[0], found.at)


def _deployments(*, is_named: bool) -> Line:
    hint = _("Connect what deploys: GitHub, or anything that can run curl.")
    found = stored.deployments()
    names = " ".join(filter(None, found.names[:2])) if is_named else ""
    return _line("deployments", 2, _("Deployments"), found, names, hint, DEPLOYMENT_SENDERS)


def _telemetry(*, is_named: bool) -> Line:
    found = stored.edges()
    if found.at is not None:
        text = _("The last call that was seen:") if is_named else _("The last call was seen on")
        names = " → ".join(found.names) if is_named else ""
        return Line("telemetry", 3, _("Telemetry"), "ok", _("connected"), text, names, found.at)
    return Line("telemetry", 3, _("Telemetry"), "unk", _("not connected"), _("Point your mesh or collector here."))


def _incidents(*, is_named: bool) -> Line:
    found = stored.incidents()
    hint = _("Connect Alertmanager, or open incidents by hand. Recovery time needs them.")
    names = "".join(found.names) if is_named else ""
    return _line("incidents", 4, _("Incidents"), found, names, hint, INCIDENT_SENDERS)


def _line(key: str, number: int, title: str, found: Arrived, names: str, hint: str, senders: tuple[str, ...]) -> Line:
    if found.at is not None:
        text = _("The last one that arrived:") if names else _("The last one arrived on")
        return Line(key, number, title, "ok", _("connected"), text, names, found.at)
    sources = [source.pk for source in stored.sources_of(senders)]
    if sources and (tested := stored.tested_at(sources)):
        text = _("A test came through. Waiting for the first real one.")
        return Line(key, number, title, "warn", _("tested"), text, at=tested)
    return Line(key, number, title, "unk", _("not connected"), hint)


def _later() -> tuple[Line, Line]:
    text = _("Not part of this version yet.")
    return (
        Line("alerts", 5, _("Alerts out"), "unk", _("later"), text, is_offered=False),
        Line("quality", 6, _("Code quality"), "unk", _("later"), text, is_offered=False),
    )
