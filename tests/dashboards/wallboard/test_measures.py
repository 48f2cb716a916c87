"""What the wallboard says of who calls whom is production's, as its four numbers are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboards.wallboard import measures
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("traffic")]
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("main", "news"), [("production", ["permits"]), ("blue", ["ledger", "permits"])])
def test_a_call_that_is_new_in_staging_alone_is_news_only_where_nothing_is_production(
    main: str, news: list[str]
) -> None:
    now = timezone.now()
    for place in (main, "staging"):
        builders.calls("web", "identity", environment=place, at=now - 30 * HOUR)
    builders.calls("web", "ledger", environment="staging", at=now)
    builders.calls("web", "permits", environment=main, at=now)

    found = measures.news(now - HOUR, now)

    assert sorted(each.server for each in found) == news
