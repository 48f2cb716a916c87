"""What every page stands on, read before anybody asks: the first visitor after a start does not wait for it."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import Error, connection
from django.http import QueryDict
from django.utils import timezone

from dashboards.figures import figures, question
from dashboards.frame.filters import filters
from dashboards.pages.overview import team_rows
from plimsoll.store.marks import marks
from plimsoll.store.queries.records import bounded


def read_ahead() -> None:
    """Read the deliveries that the overview shows, and compute its figures; whoever comes meanwhile waits for them."""
    now = timezone.now()
    try:
        with bounded():
            asked = question(filters(QueryDict(), now, ZoneInfo(settings.TIME_ZONE), "/"), now)
            figures(asked, marks())
            team_rows(asked, marks())
    except Error:
        # The pages say that the database is away, and read for themselves once it is back.
        pass
    finally:
        connection.close()
