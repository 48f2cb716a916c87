"""The address is the state: what a page is asked for, and what it says of what it does not understand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from dashboards.frame.filters import Filters, filters

NOW = datetime(2026, 11, 24, 9, 30, 40, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def asked(query: str = "") -> Filters:
    return filters(QueryDict(query), NOW, BERLIN)


def test_without_a_word_it_is_the_last_28_days_up_to_this_minute() -> None:
    found = asked()

    assert (found.range, found.end, found.days) == ("28d", datetime(2026, 11, 24, 9, 31, tzinfo=UTC), 28)
    assert found.notices == ()


def test_a_day_begins_in_the_zone_of_the_page() -> None:
    found = asked("from=2026-11-01&to=2026-11-08")

    assert (found.start, found.end) == (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 7, 23, tzinfo=UTC))
    assert found.range == ""


def test_the_window_before_is_as_long_and_ends_where_this_one_begins() -> None:
    found = asked("range=7d")

    assert found.previous == (found.start - timedelta(days=7), found.start)


def test_a_range_that_does_not_exist_is_told_and_is_28_days() -> None:
    found = asked("range=3w")

    assert found.range == "28d"
    assert found.notices == ("There is no range “3w”, but 7d, 28d, 90d, 1y.",)


def test_a_range_that_ends_before_it_begins_is_told() -> None:
    found = asked("from=2026-11-08&to=2026-11-01")

    assert found.range == "28d"
    assert found.notices == ("The range is not understood (it ends before it begins); shown are the last 28 days.",)


def test_a_zone_that_does_not_exist_is_told() -> None:
    found = asked("tz=Mars/Olympus")

    assert found.zone == BERLIN
    assert found.notices == ("There is no time zone “Mars/Olympus”; times are in Europe/Berlin.",)


def test_the_query_keeps_everything_but_what_changes() -> None:
    found = asked("team=permits&team=health&sort=name&page=3")

    assert found.query(sort="rate") == "?team=permits&team=health&sort=rate"
    assert found.query(team=None) == "?sort=name"
    assert found.toggled("team", "permits") == "?sort=name&team=health"
    assert found.toggled("team", "housing") == "?sort=name&team=permits&team=health&team=housing"


def test_another_page_gets_the_range_and_places_and_nothing_else() -> None:
    assert asked("range=7d&env=prod&sel=n-7").shared() == "?range=7d&env=prod"


def test_a_copied_link_has_times_instead_of_a_range() -> None:
    assert asked("range=7d&team=permits").absolute == (
        "?team=permits&from=2026-11-17T09%3A31%3A00Z&to=2026-11-24T09%3A31%3A00Z"
    )
