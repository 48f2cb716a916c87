"""What a page is asked for, all of it in the address: range, time zone, team, service, environment, cluster.

Unknown or impossible values fall back to the defaults and are told in a notice; they are never an error (ux, section
1, rule 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboards.times import NotATime, moment, until, written, zone_named

RANGES: Final[Mapping[str, int]] = {"7d": 7, "28d": 28, "90d": 90, "1y": 365}
DEFAULT: Final = "28d"
_LONGEST: Final = timedelta(days=2 * 366)
_LISTS: Final = {"teams": "team", "services": "service", "environments": "env", "clusters": "cluster"}
_OWN: Final = frozenset({"range", "from", "to", "tz", *_LISTS.values()})


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. `start` and `end` are UTC; `range` is empty when the address has its own `from` and `to`.

    A range ends with the current minute: what was just reported is in, and the page stays the same for a minute.
    """

    range: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    teams: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    # as given, in the address's order
    parameters: tuple[tuple[str, str], ...] = ()
    path: str = ""
    notices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def days(self) -> float:
        """The length of the range in days."""
        return (self.end - self.start) / timedelta(days=1)

    @property
    def first_day(self) -> date:
        """The day that the range begins in, in the page's zone."""
        return self.start.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The last day that some of the range is in."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()

    @property
    def times(self) -> str:
        """Where the range begins and ends, in the page's zone; whole days are named without a clock."""
        first, last = (moment.astimezone(self.zone) for moment in (self.start, self.end))
        if first.time() == last.time() == time():
            return " – ".join(dict.fromkeys((f"{self.first_day}", f"{self.last_day}")))
        return f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}"

    @property
    def previous(self) -> tuple[datetime, datetime]:
        """The window of the same length right before this one."""
        return self.start - (self.end - self.start), self.start

    def query(self, **changes: object) -> str:
        """Return the address's query with changes: None removes a parameter, a list gives it several times.

        What pages by number begins again when anything else changes.
        """
        kept = [(name, value) for name, value in self.parameters if name not in changes and name != "page"]
        given = [
            (name, str(value))
            for name, values in changes.items()
            if values is not None
            for value in (values if isinstance(values, (list, tuple)) else [values])
        ]
        return "?" + urlencode([*kept, *given])

    def shared(self, **changes: object) -> str:
        """Return the query that leads to another page with the same range and places, and nothing else of this one."""
        return replace(self, parameters=tuple(item for item in self.parameters if item[0] in _OWN)).query(**changes)

    def anywhere(self, **changes: object) -> str:
        """Return the query that leads to another page with the same range, whatever place was chosen on this one."""
        return self.shared(**{"team": None, "service": None, "env": None, "cluster": None, **changes})

    def toggled(self, name: str, value: str) -> str:
        """Return the query with a value of a list put in, or taken out when it is there."""
        chosen = [given for given_name, given in self.parameters if given_name == name]
        left = [each for each in chosen if each != value] if value in chosen else [*chosen, value]
        return self.query(**{name: left or None})

    def limited_to(self, team: str) -> "Filters":
        """Return the same for somebody who may see one team alone."""
        return replace(self, teams=(team,))

    def narrowed(
        self,
        teams: tuple[str, ...],
        services: tuple[str, ...],
        environments: tuple[str, ...],
        clusters: tuple[str, ...],
    ) -> "Filters":
        """Return the same without teams, services, environments and clusters that do not exist."""
        return replace(self, teams=teams, services=services, environments=environments, clusters=clusters)

    @property
    def absolute(self) -> str:
        """The query with times instead of a range: a link that shows the same tomorrow."""
        return self.query(range=None, **{"from": written(self.start), "to": written(self.end)})


def filters(given: QueryDict, now: datetime, default_zone: ZoneInfo, path: str = "") -> Filters:
    """Return what the address asks for."""
    notices: list[str] = []
    zone = _zone(given.get("tz", ""), default_zone, notices)
    name, start, end = _window(given, now, zone, notices)
    lists = {own: tuple(dict.fromkeys(filter(None, given.getlist(short)))) for own, short in _LISTS.items()}
    parameters = tuple((name, value) for name, values in given.lists() for value in values if value != "")
    return Filters(name, start, end, zone, **lists, parameters=parameters, path=path, notices=tuple(notices))


def _zone(name: str, default: ZoneInfo, notices: list[str]) -> ZoneInfo:
    try:
        return zone_named(name) if name else default
    except ValueError:
        notices.append(
            _("There is no time zone “%(name)s”; times are in %(zone)s.") % {"name": name[:40], "zone": default}
        )
        return default


def _window(
    given: Mapping[str, str], now: datetime, zone: ZoneInfo, notices: list[str]
) -> tuple[str, datetime, datetime]:
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    name = given.get("range") or DEFAULT
    if name not in RANGES:
        known = ", ".join(RANGES)
        notices.append(_("There is no range “%(name)s”, but %(known)s.") % {"name": name[:20], "known": known})
        name = DEFAULT
    length = timedelta(days=RANGES[name])
    if given.get("from") or given.get("to"):
        try:
            return "", *_between(given, end, zone, length)
        except NotATime as error:
            notices.append(_("The range was left out: %(why)s.") % {"why": error})
    return name, end - length, end


def _between(given: Mapping[str, str], now: datetime, zone: ZoneInfo, length: timedelta) -> tuple[datetime, datetime]:
    """Return the range of an address with its own times; where it has one of them, `length` goes with that."""
    end = min(until(given["to"], zone), now) if given.get("to") else now
    start = moment(given["from"], zone) if given.get("from") else end - length
    if start >= now:
        raise NotATime(_("it is yet to come"))
    if given.get("range") and not given.get("to"):
        end = min(start + length, now)
    if start >= end:
        raise NotATime(_("it ends before it begins"))
    if end - start > _LONGEST:
        raise NotATime(_("it is longer than two years"))
    return start, end
