"""What is old is forgotten, what is young is kept."""

import uuid

import pytest
from django.db import connection

from plimsoll.store import retention


@pytest.mark.django_db
def test_batches_series_and_counters_go_when_their_time_is_over() -> None:
    with connection.cursor() as cursor:
        for minutes in (5, 29, 31, 90):
            cursor.execute(
                "INSERT INTO ingest_batch VALUES (now() - make_interval(mins => %s), %s)", [minutes, uuid.uuid4()]
            )
        for minutes in (29, 31):
            cursor.execute(
                "INSERT INTO metric_series VALUES (%s, '{}', now() - make_interval(mins => %s))",
                [uuid.uuid4(), minutes],
            )
        for days in (6, 8):
            cursor.execute(
                "INSERT INTO ingest_health (minute, source, counter, reason, count)"
                " VALUES (now() - make_interval(days => %s), '', 'received', '', 1)",
                [days],
            )

        retention.run()

        cursor.execute(
            "SELECT (SELECT count(*) FROM ingest_batch), (SELECT count(*) FROM metric_series),"
            " (SELECT count(*) FROM ingest_health)"
        )
        assert cursor.fetchone() == (2, 1, 1)
