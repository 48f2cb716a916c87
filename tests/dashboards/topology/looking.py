"""A little mesh whose last minutes end now, and what the page says of it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from django.test import Client

from dashboards.frame import freshness
from plimsoll.store.models import Mark, Service
from tests.dashboards import builders


def now() -> datetime:
    return datetime.now(UTC)


def clock(moment: datetime) -> str:
    """A time as pages say it: in the first hours of a day, one of the evening before has its day with it."""
    return freshness.clock(moment, now(), ZoneInfo("UTC"))


def calls(client: str, server: str, *, minutes_ago: float = 0, **figures: object) -> None:
    """Calls of a minute that is over."""
    at = now().replace(second=0, microsecond=0) - timedelta(minutes=1 + minutes_ago)
    builders.calls(client, server, at=at, **figures)  # type: ignore[arg-type]


def known_for(hours: float) -> None:
    """Let all edges be known for so long, so that a rate is over the whole window."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE edge SET first_seen = first_seen - make_interval(secs => %s)", [hours * 3600])


def mark(metric: str, value: float, service: str | None = None) -> None:
    found = None if service is None else Service.objects.get(name=service)
    Mark.objects.create(metric=metric, value=value, service=found)


def page(query: str = "", **headers: str) -> str:
    """The page's text."""
    response = Client().get(f"/topology/{query}", headers=headers)
    assert response.status_code == 200, response.content[:2000]
    return str(response.content.decode())


def texts(markup: str, pattern: str) -> list[str]:
    """What a pattern's group finds, as people read it."""
    found = re.findall(pattern, markup, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found]


def rows(markup: str) -> list[list[str]]:
    """The cells of the list."""
    body = markup.partition("<tbody>")[2].partition("</tbody>")[0]
    return [texts(row, r"<t[hd][^>]*>(.*?)</t[hd]>") for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
