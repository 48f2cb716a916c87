"""Which deployments and incidents a metric is about: the same parameters for its numbers and for their evidence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.api import ranges, teams
from dashboards.api.parameters import Given, Parameter
from plimsoll.store.queries.datasets.facts import ENVIRONMENT_CLASSES

DEFAULT_RANGE = timedelta(days=28)

SELECTING = (
    Parameter("from", "Begin; default: 28 days before `to`.", "time"),
    Parameter("to", "End; default: now.", "time"),
    Parameter("team", "Only this team; may be repeated.", many=True),
    Parameter("service", "Only this service, `name` or `namespace/name`; may be repeated.", many=True),
    Parameter("environment", "Only this environment; may be repeated.", many=True),
    Parameter(
        "environment_class",
        "Only environments of this class; default: production, unless an environment is named.",
        choices=ENVIRONMENT_CLASSES,
        many=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """A range of time and the teams, services and environments in it; empty means all."""

    start: datetime
    end: datetime
    teams: tuple[str, ...]
    services: tuple[str, ...]
    environments: tuple[str, ...]
    environment_classes: tuple[str, ...]


def selection(given: Given, limited_to: int | None, now: datetime) -> Selection:
    """Return what the parameters choose; without a range, the last 28 days."""
    end = given.time("to") or now
    start = given.time("from") or end - DEFAULT_RANGE
    ranges.ordered(start, end, ("from", "to"))
    ranges.checked(start, end, now)
    environments, classes = given.texts("environment"), given.texts("environment_class")
    if not classes:
        classes = ENVIRONMENT_CLASSES if environments else ("production",)
    chosen = teams.checked(given.texts("team"), limited_to)
    return Selection(start, end, chosen, given.texts("service"), environments, classes)
