"""Errors that are not the asker's fault look the same as those that are."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

from dashboards.api.problems import document, explained
from plimsoll.errors import PlimsollError, Unavailable
from plimsoll.store.queries.records import bounded
from tests.dashboards.builders import other_session, reading


@pytest.mark.django_db
def test_a_query_that_takes_too_long_is_a_clear_503() -> None:
    with pytest.raises(OperationalError) as raised, bounded(50), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")

    problem = explained(raised.value)

    assert problem is not None
    assert (problem.status, problem.code) == (503, "too_slow")
    assert "shorter time range" in str(problem)
    assert document(problem)["Retry-After"] == "10"


def test_a_database_that_is_away_is_a_503_to_try_again() -> None:
    problem = explained(OperationalError("connection refused"))

    assert problem is not None
    assert (problem.status, problem.code) == (503, "unavailable")
    assert document(problem)["Retry-After"] == "5"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/api/v1/teams/", "/wall/all/"])
def test_a_connection_that_breaks_is_a_503_and_the_next_request_is_served(path: str) -> None:
    headers = reading()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with other_session() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    broken = Client().get(path, headers=headers)
    connection.close()
    again = Client().get(path, headers=headers)

    assert broken.status_code == 503
    assert "The database is away." in broken.content.decode()
    assert again.status_code == 200


def test_our_own_refusals_keep_their_words() -> None:
    away, refused = explained(Unavailable("The worker is away.")), explained(PlimsollError("No."))

    assert (away and away.status, refused and refused.status) == (503, 400)
    assert str(refused) == "No."


def test_a_defect_is_not_explained_away() -> None:
    assert explained(KeyError("x")) is None
