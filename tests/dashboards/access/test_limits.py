"""Whoever has roles in some teams alone sees nothing of the others, on any page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.models import Service, Team
from tests.browser.pages import PageRoute, pages
from tests.dashboards import builders
from tests.dashboards.builders import reading
from tests.dashboards.people import signed_in

pytestmark = pytest.mark.django_db

# Pages about nobody in particular, and walls, which have tests of their own.
ELSEWHERE = frozenset({"sign_in", "change_password"})
PAGES = [page for page in pages() if page.name not in ELSEWHERE]
THEIRS = "hidden-harbour"
RANGE = {"from": "2026-11-01", "to": "2026-11-20"}
# Pages that do show something of everybody to whoever may see it.
SHOWING = frozenset(
    {"teams", "services", "deployments", "incidents", "settings_teams", "settings_services", "overview"}
)


@pytest.fixture
def own() -> Team:
    """The reader's team, with a little of its own, beside a team with something of each kind."""
    broke = builders.deployment(THEIRS, "hidden-team", failed=True, repo="hidden-repo", title="hidden-title")
    builders.carried(broke, builders.change(repo="hidden-repo", title="hidden-title"))
    builders.incident(THEIRS, owner="hidden-team", title="hidden-title", caused_by=broke)
    builders.source("hidden-source", "hidden-team")
    builders.deployment("ledger", "payments")
    return Team.objects.get(slug="payments")


def leaked(response: Any, page: PageRoute) -> list[str]:
    """Return what of the other team a page shows, beyond the names that were asked for in its address."""
    body: bytes = response.getvalue()
    found = set(re.findall(r"hidden-(?:harbour|team|repo|title|source)", body.decode()))
    return sorted(word for word in found if word not in page.path())


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_shows_nothing_of_another_team(own: Team, page: PageRoute) -> None:
    client = signed_in("team_admin", own)

    # The first of each kind is the other team's.
    response = client.get(page.path(), RANGE)

    assert response.status_code in (200, 302, 404)
    assert leaked(response, page) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_token_of_a_team_shows_no_more(own: Team, page: PageRoute) -> None:
    response = Client().get(page.path(), RANGE, headers=reading(own))

    assert leaked(response, page) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_somebody_over_the_site_sees_it(own: Team, page: PageRoute) -> None:
    """So that the tests above cannot pass because there is nothing to see."""
    if page.name in SHOWING:
        assert leaked(signed_in("site_admin").get(page.path(), RANGE), page)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("path", ["/topology/", "/topology/?view=matrix", "/topology/?view=list"])
def test_a_map_shows_what_a_team_calls_and_what_calls_it_and_nothing_further_away(path: str) -> None:
    at = timezone.now() - timedelta(minutes=3)
    builders.calls("ledger", "near-store", at=at)
    builders.calls("hidden-harbour", "hidden-source", at=at)
    own = builders.service("ledger", "payments").team
    Service.objects.filter(name="ledger").update(team=own)
    builders.service("hidden-harbour", "hidden-team")

    limited = signed_in("viewer", own, name="lin").get(path).getvalue().decode()
    whole = signed_in("viewer", name="mei").get(path).getvalue().decode()

    assert "hidden-" not in limited
    assert "near-store" in limited
    assert "hidden-harbour" in whole
