"""The panel at the bottom: what is rolling out, what is newly called, and who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.frame.states import State
from dashboards.wallboard.say import clock, when
from dashboards.wallboard.yesterday import Measured
from plimsoll.insight.board.news import Dependency
from plimsoll.store.queries.board import Duty, Rollout


@dataclass(frozen=True, slots=True)
class Part:
    """A third of the panel: names in large type (or words, where there is nothing), and a line below."""

    names: tuple[str, ...] = ()
    words: str = ""
    below: str = ""
    is_failed: bool = False


def part(found: Part | State) -> Part:
    """Return a third as it is; one that failed says so as short as there is room for."""
    if isinstance(found, Part):
        return found
    number = _("Ask about it as %(id)s.") % {"id": found.request_id}
    return Part(words=_("could not be computed"), below=number, is_failed=True)


def rolling_out(found: Sequence[Rollout], measured: Measured, zone: ZoneInfo) -> Part:
    """Return the latest rollout with how far it is, and what telemetry says of its service now."""
    if not found:
        return Part(words=_("nothing"), below=_("No deployment is under way."))
    latest = found[0]
    parts = [_traffic(latest) or _since(latest, zone)]
    if measured.p95_ms is not None:
        parts.append(_("P95 %(value)s ms") % {"value": words.whole(measured.p95_ms)})
    if measured.error_rate is not None:
        parts.append(_("errors %(value)s %%") % {"value": words.fixed(measured.error_rate, 1, 0.01)})
    name = " ".join(filter(None, (latest.service or _("unknown service"), latest.version)))
    return Part(names=(name,), below=_lines(parts, len(found) - 1))


def _traffic(rollout: Rollout) -> str:
    if rollout.traffic is None:
        return ""
    least, most = (f"{share:.4g}" for share in rollout.traffic)
    return _("canary %(share)s %%") % {"share": least if least == most else f"{least}–{most}"}


def _since(rollout: Rollout, zone: ZoneInfo) -> str:
    return "" if rollout.started_at is None else _("since %(time)s") % {"time": clock(rollout.started_at, zone)}


def _lines(parts: Sequence[str], more: int) -> str:
    told = [part for part in parts if part]
    return " · ".join([*told, _more(more)] if more else told)


def _more(n: int) -> str:
    return ngettext("and %(n)d more", "and %(n)d more", n) % {"n": n}


def new_dependency(found: Sequence[Dependency], now: datetime, zone: ZoneInfo, *, has_telemetry: bool) -> Part:
    """Return the latest dependency that was first seen yesterday or today."""
    if not has_telemetry:
        return Part(words=_("not connected"), below=_("No telemetry has arrived yet."))
    if not found:
        return Part(words=_("none"), below=_("None since yesterday."))
    latest = found[0]
    seen = _("first seen %(when)s") % {"when": when(latest.first_seen, now, zone)}
    return Part(names=(latest.client, latest.server), below=_lines([seen], len(found) - 1))


def on_call(found: Sequence[Duty], team: str | None, now: datetime, zone: ZoneInfo, *, is_filled: bool) -> Part:
    """Return who is on call, the team's own before the organisation's (None: only the organisation's); and the captain.

    Where an organisation has nobody on call and its teams have, they are named.
    """
    if not is_filled:
        return Part(words=_("not connected"), below=_("Put shifts into the catalog file."))
    carers, captains = (_of(found, duty, team) for duty in ("on_call", "captain"))
    captain = _("captain %(name)s") % {"name": captains[0].person} if captains else ""
    if not carers:
        return Part(words=_("nobody"), below=captain or _("No shift covers this hour."))
    until = _("until %(time)s") % {"time": when(carers[0].ends_at, now, zone)}
    name = carers[0].person
    if team is None and carers[0].team is not None:
        name = f"{carers[0].team}: {name}"
    return Part(names=(name,), below=_lines([until, captain], len({duty.person for duty in carers}) - 1))


def _of(found: Sequence[Duty], duty: str, team: str | None) -> list[Duty]:
    """Return who has the duty: those of the team, else those of the organisation, else, without a team, anybody."""
    all_of = [each for each in found if each.duty == duty]
    own = [each for each in all_of if each.team == team]
    common = [each for each in all_of if each.team is None]
    return own or common or (all_of if team is None else [])
