"""The deployments that may be behind a status: those shortly before its onset. Not a verdict, and it says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.frame.page import Visit
from dashboards.topology.compare import environments, named
from dashboards.topology.selection import Selection
from plimsoll.insight.topology import Scope
from plimsoll.store.queries.rollouts import Cargo, Rollout, cargo, rollouts

# How long before an onset a deployment may have begun; canaries and leaks show late.
BEFORE: Final = timedelta(minutes=30)
# Webhooks and minutes may differ by this much.
_SLACK: Final = timedelta(minutes=1)
_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """A deployment: what and when, and what it carried in words (names of people apart)."""

    id: int
    name: str
    began_at: datetime
    progress: str
    authors: tuple[str, ...]
    details: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Causes:
    """The candidates, nearest to the onset first; `said` stands in their place, or beside them."""

    found: tuple[Cause, ...]
    said: str


def causes(visit: Visit, chosen: Selection, scope: Scope, since: datetime | None, compared: Rollout | None) -> Causes:
    """Return what may be behind it. `since` is the onset, None when it is not known."""
    ends = [each for each in (chosen.client, chosen.server) if each is not None]
    services = sorted({name for each in ends for name in each.may_be})
    if compared is not None and compared.service_name in services:
        return Causes(_causes(visit, [compared]), _("This deployment is compared; that it is the cause is not proven."))
    if since is None:
        return Causes((), _("When it began is not known, so no deployment can be named."))
    if not services:
        return Causes((), _("Neither end belongs to a known service, so no deployment can be named."))
    is_limited = visit.reader.team is not None
    near = rollouts(
        since - BEFORE, since + _SLACK, now=visit.now, environments=environments(scope), services=services,
        # Of a reader who is limited to a team; else a filter says whose calls are shown, not whose fault they are.
        teams=visit.filters.teams if is_limited else (),
    )  # fmt: skip
    if not near:
        minutes = {"n": BEFORE // timedelta(minutes=1)}
        if is_limited:
            return Causes((), _("Your team deployed none of its services in the %(n)d minutes before.") % minutes)
        return Causes((), _("None of its services was deployed in the %(n)d minutes before it began.") % minutes)
    nearest = sorted(near, key=lambda each: (abs(since - each.began_at), each.id))[:_MOST]
    return Causes(_causes(visit, nearest), _("Deployed shortly before it began; that proves nothing yet."))


def _causes(visit: Visit, found: list[Rollout]) -> tuple[Cause, ...]:
    carried = cargo([each.id for each in found])
    return tuple(
        Cause(
            id=each.id,
            name=named(each),
            began_at=each.began_at,
            progress=_progress(each),
            authors=carried[each.id].authors if each.id in carried else (),
            details=_details(carried.get(each.id)),
            query=visit.filters.query(cmp=each.id, at=None),
        )
        for each in found
    )


def _progress(found: Rollout) -> str:
    """Return how far it went, in a word or two."""
    if found.was_rolled_back:
        return _("rolled back")
    if found.is_running:
        percent = found.traffic_percent
        return _("canary %(n)s %%") % {"n": words.fixed(percent)} if percent is not None else _("rolling out")
    return _("rollback") if found.is_rollback else ""


def _details(carried: Cargo | None) -> tuple[str, ...]:
    if carried is None:
        return (_("its changes are not known"),)
    said = [ngettext("%(n)d change", "%(n)d changes", carried.changes) % {"n": carried.changes}]
    if carried.lead_time_s is not None:
        said.append(_("%(time)s lead time") % {"time": words.duration(carried.lead_time_s)})
    return tuple(said)
