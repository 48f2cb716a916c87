"""A printed page says what it is about: its controls stay behind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import states
from tests.browser.browser import Browser
from tests.dashboards import builders

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = "?from=2026-11-02&to=2026-11-08&env=staging&env=production&tz=Europe/Berlin"
SAID = "2026-11-02 – 2026-11-08 · env production, staging · cluster all · Times and days are in Europe/Berlin. Page "


@pytest.fixture
def team(server: str, _open_to_visitors: None) -> Iterator[str]:
    """The page of a team that deploys to two environments."""
    builders.deployment("ledger", "payments")
    builders.environment("staging")
    yield f"{server}/teams/payments/"
    states.empty()


def test_a_team_on_paper_says_its_range_places_zone_and_time(browser: Browser, team: str) -> None:
    def printed(page: Page) -> tuple[str, list[str]]:
        page.goto(team + ASKED)
        on_screen = page.locator(".bar").inner_text()
        page.emulate_media(media="print")
        return on_screen, page.locator(".bar").inner_text().split("\n\n")

    on_screen, (name, said) = browser.act(printed)

    assert "Page opened" not in on_screen
    assert name.lower() == "payments"
    assert said.startswith(SAID + "opened 20")
