"""Which minutes the map shows when the address names a moment (`at`), or a deployment to compare (`cmp`)."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from dashboards.frame.page import Visit
from dashboards.times import NotATime, moment
from dashboards.topology.asked import LONGEST, Asked, start_of
from dashboards.topology.compare import window
from plimsoll.store.queries.rollouts import Rollout

_MINUTE: Final = timedelta(minutes=1)


def placed(visit: Visit, asked: Asked, compared: Rollout | None) -> Asked:
    """Return what is asked for, at the moment that the address names, else after the deployment that is compared."""
    given = visit.request.GET.get("at", "")
    if given:
        return _at(visit, asked, given)
    after = window(visit, compared)
    return asked if after is None else replace(asked, window="", start=after[0], end=after[1])


def _at(visit: Visit, asked: Asked, given: str) -> Asked:
    """Return the window of the same length that ends at a moment; a moment that is not known is told in a notice."""
    try:
        end = moment(given, visit.zone)
    except NotATime as error:
        visit.notices.append(_("The moment is not understood (%(why)s); shown is the latest window.") % {"why": error})
        return asked
    earliest = visit.now - LONGEST + asked.length
    if end < earliest:
        visit.notices.append(_("Minutes are kept for two days; shown is the earliest window there is."))
    latest = max(asked.end, visit.now)
    # The rail ends with the minute that is running.
    if end > latest + _MINUTE:
        visit.notices.append(_("This moment is yet to come; shown is the latest window."))
    end = min(max(end, earliest), latest)
    return replace(asked, start=start_of(end, asked.length), end=end)
