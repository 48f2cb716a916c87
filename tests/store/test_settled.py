"""An incremental reader never skips what a slow transaction commits late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from plimsoll.store.queries.records import settled_until
from tests.dashboards.builders import other_session


@pytest.mark.django_db(transaction=True)
def test_with_nobody_writing_it_is_five_seconds_ago() -> None:
    before = timezone.now()

    until = settled_until()

    assert before - timedelta(seconds=5) <= until <= timezone.now() - timedelta(seconds=5)


@pytest.mark.django_db(transaction=True)
def test_a_slow_writer_holds_it_back_to_five_seconds_before_it_began() -> None:
    with other_session() as slow:
        began = slow.execute("SELECT now()").fetchone()
        slow.execute("INSERT INTO team (slug, name, time_zone) VALUES ('slow', 'Slow', '')")
        slow.execute("SELECT pg_sleep(0.3)")
        until = settled_until()
        slow.rollback()

    assert began is not None
    assert until == began[0] - timedelta(seconds=5)


@pytest.mark.django_db(transaction=True)
def test_a_slow_reader_does_not_hold_it_back() -> None:
    with other_session() as slow:
        slow.execute("SELECT count(*) FROM team")
        slow.execute("SELECT pg_sleep(0.3)")
        until = settled_until()

    assert timezone.now() - until < timedelta(seconds=5.25)
