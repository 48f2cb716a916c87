"""Every count that leads to a list leads to as many rows (ux, section 8)."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.models import Service, Team
from tests.dashboards.pages.looking import total_of, unlinked

pytestmark = pytest.mark.django_db
LISTS = ("/deployments/", "/changes/", "/incidents/", "/services/")
_LINK = re.compile(r'<a\b([^>]*?)href="([^"]+)"([^>]*)>(.*?)</a>', re.DOTALL)
# A value, which is no count: a share, a rate, how long something took.
_VALUE = re.compile(r"\d\.\d|%|\d\s+(?:s|min|h|d)\b|per day")


def counts_of(page: str, address: str) -> Iterator[tuple[int, str]]:
    """The counts of a page that lead to a list, and where."""
    main = page.split('<main id="content"', 1)[1].split("</main>", 1)[0]
    for before, href, after, inside in _LINK.findall(main):
        # A bare "?" leaves the query out, as browsers have it.
        there = urlsplit(urljoin(address if href != "?" else address.partition("?")[0], unescape(href)))
        said = re.sub(r"\d\d:\d\d", "", re.sub(r"<[^>]+>", " ", inside))
        found = re.search(r"\d[\d,]*", said)
        is_other = 'translate="no"' in before + after or re.search(r"\b(?:sort|page)=", there.query)
        if there.path in LISTS and found and not is_other and not _VALUE.search(said):
            yield int(found[0].replace(",", "")), f"{there.path}?{there.query}"


def places() -> list[str]:
    """The pages that name counts, each in a few ways."""
    team = f"/teams/{Team.objects.filter(services__isnull=False).order_by('pk').values_list('slug', flat=True)[0]}/"
    service = Service.objects.filter(team__isnull=False).order_by("pk")[0].name
    return [
        *("/", f"{team}?range=90d&tz=Asia/Kolkata", f"{team}?service={service}&on={timezone.now():%Y-%m-%d}"),
        *(f"/services/{service}/", "/services/", "/deployments/?outcome=failed", "/incidents/", "/changes/?range=7d"),
        *("/why/change_failure_rate/", "/why/lead_time/?range=90d"),
    ]


@pytest.mark.parametrize("rows", ["stale"], indirect=True, scope="module")
def test_a_count_that_leads_to_a_list_leads_to_as_many(rows: Client) -> None:
    def looked_at(address: str) -> str:
        return rows.get(address).content.decode()

    pages = {page: looked_at(page) for page in places()}
    found = {(n, list_, page) for page, shown in pages.items() for n, list_ in counts_of(shown, page)}
    totals = {list_: total_of(looked_at(list_)) for _n, list_, _page in found}

    wrong = [f"{page} says {n} of {list_}: {totals[list_]}" for n, list_, page in found if totals[list_] != n]
    assert wrong == []
    assert {page: unlinked(shown) for page, shown in pages.items() if unlinked(shown)} == {}
    names = {name for list_ in totals for name in re.findall(r"(?<=[?&])\w+", list_)}
    assert {"weekday", "hour", "stage", "caused_by", "deployment", "change", "metric", "left_out", "outcome"} <= names
    assert {urlsplit(list_).path for list_ in totals} == set(LISTS)
