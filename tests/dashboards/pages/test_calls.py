"""Every figure of telemetry leads to the calls that it was computed from, where the same is said."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, said_on_the_map, unlinked

pytestmark = [pytest.mark.usefixtures("traffic"), pytest.mark.django_db(transaction=True)]
NAMES = {"P95": "P95", "Errors": "Errors", "Error rate": "Errors", "Rate": "Rate"}


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def figures(page: str) -> list[tuple[str, str, str]]:
    """The figures of a page that lead to the map: what each is of, what it says, and where it leads."""
    link = r'<a class="value" href="(/topology/[^"]+)">([^<]+)</a>'
    cells = re.findall(r'data-label="([^"]+)">(.*?)</td>|<dt>([^<]+)</dt><dd>(.*?)</dd>', page, re.DOTALL)
    return [
        (NAMES[cell or fact], unescape(said), unescape(href))
        for cell, within, fact, beside in cells
        for href, said in re.findall(link, within or beside)
    ]


# How many figures lead to the map from where: of a service two, of a call three, of a side each.
PAGES = {
    "/": 2,
    "/services/?service=ledger": 2,
    "/services/?env=staging&tz=Asia/Tokyo&service=ledger": 2,
    "/services/?everywhere=1&cluster=aws-1&service=ledger": 2,
    "/services/ledger/": 8,
    "/services/ledger/?window=15m&env=staging": 5,
    "/teams/payments/": 2,
    "/incidents/{incident}/": 2,
    "/deployments/{deployment}/": 12,
}


def test_each_figure_leads_to_the_calls_where_the_same_is_said() -> None:
    row = builders.deployment("ledger", "payments", status="running", started_at=ago(3), finished_at=None, kind=None)
    done = builders.deployment("ledger", "payments", started_at=ago(40), finished_at=ago(30), failed=False)
    hurt = builders.incident("ledger", opened_at=ago(30), environment=row.environment)
    for minute in (1, 2, 3, 7, 25, 28, 45, 50):
        builders.calls("portal", "ledger", requests=600, failed=30, at=ago(minute))
        builders.calls("ledger", "vault", requests=300, at=ago(minute))
        builders.calls("mobile", "ledger", failed=30, cluster="aws-2", environment="staging", at=ago(minute))
        builders.calls("portal", "ledger", requests=700, environment="", at=ago(minute))

    shown = {page: looked_at(page.format(incident=hurt.pk, deployment=done.pk)) for page in PAGES}
    found = {page: figures(text) for page, text in shown.items()}

    assert {page: len(links) for page, links in found.items()} == PAGES
    for name, said, href in (link for links in found.values() for link in links):
        assert said_on_the_map(href)[name][-1] == said, href
    assert {page: unlinked(text) for page, text in shown.items() if unlinked(text)} == {}
