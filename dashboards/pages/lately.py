"""How services do now, or did last where telemetry ended: then grey, and with when that was (ux, section 4)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dashboards import words
from dashboards.figures.now import SETTLING, Recent, recent
from dashboards.frame import states
from dashboards.frame.freshness import Freshness, clock, freshness
from dashboards.frame.page import Visit
from plimsoll.store.marks import Marks
from plimsoll.store.queries.board import telemetry_through


def telemetry(visit: Visit) -> Freshness:
    """Return how current telemetry is."""
    return freshness(telemetry_through(), visit.now, visit.zone)


def lately(
    visit: Visit, current: Freshness, marks: Marks, environments: Sequence[str], clusters: Sequence[str] = ()
) -> Recent:
    """Return how services did in the last minutes, or in the last that telemetry told where that is stale."""
    # What is stale has settled: its very last minute is among them.
    until = current.through + SETTLING if current.through and current.is_stale else visit.now
    return recent(visit.filters, until, marks, environments, clusters)


def ended(visit: Visit, current: Freshness, more: str = "") -> states.State | None:
    """Return when telemetry ended, and what there is to say of other figures; None while it goes on."""
    if current.through is None or not current.is_stale:
        return None
    said = {
        "time": clock(current.through, visit.now, visit.zone),
        "ago": words.duration((visit.now - current.through).total_seconds()),
    }
    text = _("Telemetry ends at %(time)s (%(ago)s ago): errors and P95 below are from then.") % said
    return states.stale(f"{text} {more}".rstrip())
