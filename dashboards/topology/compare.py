"""What the map compares: the deployment that the address names (`cmp`), and the choice of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.bar import Menu, Option
from dashboards.frame.freshness import clock
from dashboards.frame.page import Visit
from plimsoll.insight.topology import Scope, Whole
from plimsoll.insight.topology.compare import Verdict, tally
from plimsoll.insight.topology.compare_windows import SIDE, Comparison, Windows, comparison, windows
from plimsoll.store.partitions import minutes_kept
from plimsoll.store.queries.board import telemetry_through
from plimsoll.store.queries.rollouts import Rollout, rollout, rollouts

OFFERED: Final = 12


@dataclass(frozen=True, slots=True)
class Compared:
    """A deployment that is compared; `comparison` is None where its minutes are not there, `missing` says so."""

    rollout: Rollout
    windows: Windows
    comparison: Comparison | None
    missing: tuple[str, ...] = ()

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """What became of each arc."""
        return {id_: change.verdict for id_, change in self.comparison.arcs.items()} if self.comparison else {}


def asked_for(visit: Visit) -> Rollout | None:
    """Return the deployment that the address compares; a notice says when there is none of that number."""
    given = visit.request.GET.get("cmp", "")
    if not given:
        return None
    pk = int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0
    found = rollout(pk, now=visit.now, team=visit.filters.teams[0] if visit.reader.team is not None else None)
    if found is None:
        visit.notices.append(_("There is no deployment “%(id)s” to compare.") % {"id": given[:20]})
    return found


def window(visit: Visit, found: Rollout | None) -> tuple[datetime, datetime] | None:
    """Return the minutes after the deployment, which the map shows when it is compared; None where there are none."""
    if found is None:
        return None
    chosen = _windows(visit, found)
    return chosen.after if chosen.is_comparable else None


def compared(visit: Visit, found: Rollout, scope: Scope, after: Whole) -> Compared:
    """Return what changed with a deployment; `after` is the map that is shown: it is taken where its minutes fit."""
    chosen = _windows(visit, found)
    result = comparison(chosen, scope, after) if chosen.is_comparable else None
    return Compared(found, chosen, result, tuple(_missing(chosen)))


def _windows(visit: Visit, found: Rollout) -> Windows:
    through = telemetry_through() or found.began_at
    return windows(found, kept_since=visit.now - minutes_kept(), through=through)


def _missing(chosen: Windows) -> list[str]:
    """Return what is not there of the minutes that are compared."""
    kept = {"hours": minutes_kept() // timedelta(hours=1)}
    if chosen.lost >= SIDE // timedelta(minutes=1):
        return [_("The minutes before this deployment are not kept any more: minutes are kept for %(hours)d h.") % kept]
    said = []
    if chosen.lost:
        said.append(not_kept(chosen.lost))
    if chosen.after[0] == chosen.after[1]:
        return [*said, _("There is no whole minute of traffic after it yet.")]
    if chosen.missing:
        said.append(not_there(chosen.missing))
    return said


def not_kept(n: int) -> str:
    """Return that so many of the minutes before are not kept any more."""
    return ngettext(
        "%(n)d minute before it is not kept any more.", "%(n)d minutes before it are not kept any more.", n
    ) % {"n": n}


def not_there(n: int) -> str:
    """Return that so many of the minutes after are still to come."""
    return ngettext("%(n)d minute after it is not there yet.", "%(n)d minutes after it are not there yet.", n) % {
        "n": n
    }


def told(verdicts: dict[str, Verdict]) -> str:
    """Return in a few words what changed."""
    if not verdicts:
        return _("There were no calls in the minutes that are compared, so nothing is judged.")
    counts = tally(verdicts)
    said = [
        ngettext("%(n)d new", "%(n)d new", n) % {"n": n} if name == "new"
        else ngettext("%(n)d gone", "%(n)d gone", n) % {"n": n} if name == "gone"
        else ngettext("%(n)d with more errors", "%(n)d with more errors", n) % {"n": n} if name == "errors"
        else ngettext("%(n)d slower", "%(n)d slower", n) % {"n": n}
        for name in ("new", "gone", "errors", "slower")
        if (n := counts.get(name, 0))
    ]  # fmt: skip
    unknown = counts.get("unknown", 0)
    if said:
        return ", ".join(said)
    if not unknown:
        return _("No call changed by more than chance explains.")
    if unknown == len(verdicts):
        return ngettext(
            "%(n)d call, which cannot be judged: too little is known of it before or after.",
            "%(n)d calls, none of which can be judged: too little is known of them before or after.",
            unknown,
        ) % {"n": unknown}
    return ngettext(
        "Of %(all)d call %(n)d cannot be judged: too few requests before or after. No other changed.",
        "Of %(all)d calls %(n)d cannot be judged: too few requests before or after. No other changed.",
        len(verdicts),
    ) % {"all": len(verdicts), "n": unknown}


def menu(visit: Visit, scope: Scope, chosen: Rollout | None, latest: Sequence[Rollout] = ()) -> Menu:
    """Return the choice of deployments to compare: the latest ones whose minutes are kept.

    `latest` are the last ones as far as they are known: where they are enough, none are looked for.
    """
    since = visit.now - minutes_kept() + SIDE
    recent = [each for each in latest if since <= each.began_at < visit.now][-OFFERED:]
    if len(recent) < OFFERED:
        places = environments(scope)
        recent = rollouts(since, visit.now, now=visit.now, environments=places, teams=scope.teams, most=OFFERED)
    offered: Sequence[Rollout] = recent[::-1]
    none = Option(_("nothing"), visit.filters.query(cmp=None, at=None), chosen is None, is_name=False)
    options = [
        Option(
            f"{named(each)} · {clock(each.began_at, visit.now, visit.zone)}",
            visit.filters.query(cmp=each.id, at=None),
            chosen is not None and each.id == chosen.id,
        )
        for each in offered
    ]
    said = named(chosen) if chosen else _("nothing")
    return Menu("cmp", _("compare"), said, [none, *options], is_name=chosen is not None)


def environments(scope: Scope) -> tuple[str, ...]:
    """Return the environments by name: deployments know no other."""
    return tuple(filter(None, scope.environments))


def named(found: Rollout) -> str:
    """Return the service and the version of a deployment."""
    return " ".join(filter(None, (found.service, found.version))) or f"#{found.id}"
