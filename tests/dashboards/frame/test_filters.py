"""The address is the state: what a page is asked for, and what it says of what it does not understand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from dashboards.frame.bar import Option, keyed
from dashboards.frame.filters import RANGES, Filters, filters

NOW = datetime(2026, 11, 24, 9, 30, 40, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def asked(query: str = "") -> Filters:
    return filters(QueryDict(query), NOW, BERLIN)


def test_without_a_word_it_is_the_last_28_days_up_to_this_minute() -> None:
    found = asked()

    assert (found.range, found.end, found.days) == ("28d", datetime(2026, 11, 24, 9, 31, tzinfo=UTC), 28)
    assert found.notices == ()


def test_days_begin_in_the_zone_of_the_page_and_the_last_is_in_it() -> None:
    found = asked("from=2026-11-01&to=2026-11-07")

    assert (found.start, found.end) == (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 7, 23, tzinfo=UTC))
    assert (found.range, found.times, found.days) == ("", "2026-11-01 – 2026-11-07", 7)


def test_one_day_can_be_chosen_and_is_as_long_as_its_clock_makes_it() -> None:
    found = asked("from=2026-10-25&to=2026-10-25")

    assert (found.times, found.days) == ("2026-10-25", 25 / 24)
    assert (found.first_day, found.last_day) == (date(2026, 10, 25), date(2026, 10, 25))


def test_a_range_that_ends_today_ends_now() -> None:
    found = asked("from=2026-11-23&to=2026-11-24")

    assert (found.times, found.end) == ("2026-11-23 00:00 – 2026-11-24 10:31", asked().end)
    assert (found.first_day, found.last_day) == (date(2026, 11, 23), date(2026, 11, 24))


def test_a_time_is_the_end_itself() -> None:
    found = asked("from=2026-11-01&to=2026-11-08T00:00:00%2B01:00")

    assert (found.end, found.last_day) == (datetime(2026, 11, 7, 23, tzinfo=UTC), date(2026, 11, 7))


def test_a_length_with_one_end_is_kept() -> None:
    up_to, since = asked("range=7d&to=2026-11-08"), asked("range=7d&from=2026-11-02")

    assert (up_to.times, up_to.notices) == ("2026-11-02 – 2026-11-08", ())
    assert (since.times, since.notices) == (up_to.times, ())
    assert asked("from=2026-11-02").end == asked().end


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
    assert found.notices == ("The range was left out: it ends before it begins.",)


def test_a_range_that_is_yet_to_come_is_told() -> None:
    for query in ("from=2999-01-01", "from=2026-11-25&to=2026-11-27", "from=2026-11-24T09:31:00Z"):
        found = asked(f"{query}&range=7d")

        assert (found.range, found.notices) == ("7d", ("The range was left out: it is yet to come.",))


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


def test_keys_lead_to_the_next_shorter_and_the_next_longer_range() -> None:
    days = [timedelta(days=days) for days in RANGES.values()]

    def keys(shown: float, chosen: str = "") -> list[str]:
        options = [Option(name, "?", name == chosen) for name in RANGES]
        return [option.keys for option in keyed(options, days, timedelta(days=shown))]

    assert keys(28, "28d") == ["[", "", "]", ""]
    assert keys(7, "7d") == ["", "]", "", ""]
    assert keys(40) == ["", "[", "]", ""]
    # Beyond all of them both lead to the nearest.
    assert keys(3) == ["[]", "", "", ""]
    assert keys(400) == ["", "", "", "[]"]
