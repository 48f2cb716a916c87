"""On which weekdays and at which hours deployments ended, by the clock of a zone."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import In

from plimsoll.store.queries.datasets.outcomes import at


def in_week(zone: ZoneInfo, weekdays: Sequence[int], hours: Sequence[int]) -> Q:
    """Return the deployments of these weekdays (Monday is 0) and these hours; of all where none are named."""
    found = Q()
    if weekdays:
        found &= Q(In(ExtractIsoWeekDay(at(), tzinfo=zone), [day + 1 for day in weekdays]))
    if hours:
        found &= Q(In(ExtractHour(at(), tzinfo=zone), list(hours)))
    return found
