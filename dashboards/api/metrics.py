"""The delivery metrics as flat rows: one a bucket and group."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from dashboards.api.metric_columns import COLUMNS
from dashboards.api.parameters import Given, Parameter
from dashboards.api.problems import Mistake, invalid
from dashboards.api.schemas import list_schema
from dashboards.api.selection import SELECTING, selection
from dashboards.api.view import Table
from dashboards.times import written
from plimsoll.insight import dora
from plimsoll.insight.metrics import DEFINITIONS

BUCKETS = ("all", "hour", "day", "week", "month")
GROUPS = ("team", "service", "environment")
# Each bucket is computed on its own: hours of more days are asked for in parts.
MOST_HOURS = timedelta(days=31)


class Dora(Table):
    """Deployment frequency, lead time, change failure rate, recovery time, time to restore and rework rate."""

    name = "dora"
    columns = COLUMNS
    own_parameters = (
        *SELECTING,
        Parameter("bucket", "Length of a row's window, in calendar units of `tz`.", choices=BUCKETS, default="all"),
        Parameter("group_by", f"Rows for each of {', '.join(GROUPS)}.", choices=GROUPS, many=True, listed=True),
        Parameter("tz", "IANA time zone of the buckets; default: the organisation's.", "zone"),
        Parameter("definition", "Named set of rules.", choices=tuple(DEFINITIONS), default="standard"),
    )
    answer_schema = list_schema(COLUMNS)

    def computed(self, given: Given) -> tuple[list[Sequence[object]], dict[str, object]]:
        """Return the rows, and the range they are about."""
        now = timezone.now()
        chosen = selection(given, self.team, now)
        bucket = given.text("bucket") or "all"
        if bucket == "hour" and chosen.end - chosen.start > MOST_HOURS:
            mistake = f"Hours are computed for at most {MOST_HOURS.days} days; shorten the range or take bucket=day."
            raise invalid([Mistake("bucket", mistake)])
        rows = dora.rows(
            start=chosen.start,
            end=chosen.end,
            bucket=bucket,
            group_by=tuple(name for name in GROUPS if name in given.texts("group_by")),
            tz=given.text("tz") or settings.TIME_ZONE,
            now=now,
            definition=given.text("definition") or "standard",
            teams=chosen.teams,
            services=chosen.services,
            environments=chosen.environments,
            environment_classes=chosen.environment_classes,
        )
        about: dict[str, object] = {
            "from": written(chosen.start),
            "to": written(chosen.end),
            "as_of": written(now),
        }
        return [tuple(row[column.name] for column in COLUMNS) for row in rows], about
