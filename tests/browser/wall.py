"""What tests of the wallboard share: its screen, a little of everything on it, and a page that waits for its script."""

import re
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Error, Page

from tests.dashboards import builders

# As its sizes are given for (ux, section 3.7).
SCREEN = (1920, 1080)


def few() -> None:
    """A little of everything: numbers of few events, one failure, one incident that nobody took."""
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    builders.calls("web", "ledger", at=now - timedelta(seconds=30))
    builders.deployment("ledger", "payments", failed=False, finished_at=yesterday)
    failed: dict[str, Any] = {"failed": True, "failed_reason": "rolled_back", "status": "failure", "rolled_back": True}
    builders.deployment("map", "housing", version="v2.1.0", finished_at=yesterday, **failed)
    builders.incident("ledger", title="Payments are late", severity="critical", opened_at=now)


def silent(page: Page) -> None:
    """Let nothing happen on a page but what its clock says."""
    page.route(re.compile("/live"), lambda route: route.abort())


def until(page: Page, what: str) -> None:
    """Wait until an expression holds; the page's policy forbids what Playwright has for that."""
    for _ in range(100):
        # A page that is being loaded anew has nothing to say yet.
        with suppress(Error):
            if page.evaluate(what):
                return
        page.wait_for_timeout(50)
    raise AssertionError(what)
