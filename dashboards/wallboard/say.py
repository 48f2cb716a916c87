"""Times and amounts as a board says them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plimsoll.insight.metrics.windows import local_day
from plimsoll.store.queries.board import FailedDeployment


def age(seconds: float) -> str:
    """Return how long something lasts: 40 s, 41 min, 2 h 05, 3 d 4 h."""
    seconds = max(0.0, seconds)
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("%(seconds)d s") % {"seconds": int(seconds)}
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes < 48 * 60:
        return _("%(hours)d h %(minutes)02d") % {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(days)d d %(hours)d h") % {"days": minutes // 1440, "hours": minutes % 1440 // 60}


def took(seconds: float) -> str:
    """Return how long something took, to the second while it is short: 40 s, 3 min 40 s, 1 h 05."""
    whole = round(max(0.0, seconds))
    if whole < 60 or whole >= 3600:
        return age(whole)
    if whole % 60 == 0:
        return _("%(minutes)d min") % {"minutes": whole // 60}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": whole // 60, "seconds": whole % 60}


def rolled_back(failed: FailedDeployment) -> str:
    """Return in how long a failed deployment was rolled back, empty where it was not."""
    return "" if failed.undone_s is None else _("rolled back in %(time)s") % {"time": took(failed.undone_s)}


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time of day."""
    return f"{moment.astimezone(zone):%H:%M}"


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a time of today plainly, one of yesterday or tomorrow by that word, and others with their day."""
    days = (local_day(now, zone) - local_day(moment, zone)) / timedelta(days=1)
    time = clock(moment, zone)
    if days == 0:
        return time
    if days == 1:
        return _("yesterday %(time)s") % {"time": time}
    if days == -1:
        return _("tomorrow %(time)s") % {"time": time}
    return date_format(moment.astimezone(zone), _("j M H:i"))
