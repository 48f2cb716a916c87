"""Who calls a service and whom it calls, as rows of a table: now, before, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext_lazy as _

from dashboards.frame.calls import Calls
from dashboards.frame.marks import Status, status, worst
from dashboards.pages.saying import Text
from plimsoll.insight.around.traffic import Around, Call, Traffic
from plimsoll.insight.topology import Arc
from plimsoll.store.marks import Marks

_BECAME: Final[Mapping[str, tuple[str, Text]]] = {
    "new": ("info", _("new")),
    "gone": ("", _("gone")),
    "slower": ("bad", _("slower")),
    "errors": ("bad", _("more errors")),
    "same": ("", _("no change")),
    "unknown": ("", _("too few to say")),
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Calls to or from another service; figures are None where unknown.

    `calls` and `calls_before` are where they are listed with these figures, now and before.
    """

    name: str
    service: str | None
    namespace: str
    rate: float | None
    error_rate: float | None
    p95_ms: float | None
    error_status: Status
    p95_status: Status
    worst: Status
    rate_before: float | None = None
    error_rate_before: float | None = None
    p95_before_ms: float | None = None
    became: str = ""
    became_word: Text = ""
    became_css: str = ""
    calls: str = ""
    calls_before: str = ""


def neighbours(
    calls: Sequence[Call],
    seen: Around | Traffic,
    limits: Marks,
    service: str | None,
    team: str | None,
    *,
    inbound: bool,
    before: Calls | None = None,
    now: Calls,
) -> list[Neighbour]:
    """Return the rows of the callers of a team's service (`inbound`), or of those that it calls.

    `now` are the minutes of the figures, `before` those that they are compared with.
    """
    rows = [(call, _neighbour(call, seen, limits, service, team, inbound=inbound)) for call in calls]
    return [
        replace(
            row,
            calls=now.of_edge(call.id).address,
            calls_before=before.of_edge(call.id).address if before is not None else "",
        )
        for call, row in rows
    ]


def _neighbour(
    call: Call, seen: Around | Traffic, limits: Marks, service: str | None, team: str | None, *, inbound: bool
) -> Neighbour:
    other = call.other
    called, owner, caller = (
        (service, team, other.service_name) if inbound else (other.service_name, other.team, service)
    )
    now = call.now
    marked = {name: limits.of(name, team=owner, service=called, client=caller) for name in ("error_rate", "p95_ms")}
    errors = status(now.error_rate if now else None, marked["error_rate"], "error_rate")
    latency = status(now.p95_ms if now else None, marked["p95_ms"], "p95_ms")
    verdict = call.change.verdict if call.change else ""
    css, word = _BECAME.get(verdict, ("", ""))
    return Neighbour(
        name=other.name,
        service=other.service,
        namespace=other.service_namespace,
        rate=_rate(seen, now, is_now=True),
        error_rate=now.error_rate if now else None,
        p95_ms=now.p95_ms if now else None,
        error_status=errors,
        p95_status=latency,
        worst=worst((errors, latency)),
        rate_before=_rate(seen, call.before, is_now=False),
        error_rate_before=call.before.error_rate if call.before else None,
        p95_before_ms=call.before.p95_ms if call.before else None,
        became=verdict,
        became_word=word,
        became_css=css,
    )


def _rate(seen: Around | Traffic, arc: Arc | None, *, is_now: bool) -> float | None:
    if arc is None:
        return None
    if isinstance(seen, Traffic):
        return seen.found.rate(arc.requests) if seen.found.seconds else None
    if seen.comparison is None:
        return None
    side = seen.comparison.after if is_now else seen.comparison.before
    return side.rate(arc.requests) if side.seconds else None
