"""Errors that are not the asker's fault look the same as those that are."""

import pytest
from django.db import OperationalError, connection

from dashboards.api.problems import document, explained
from plimsoll.errors import PlimsollError, Unavailable
from plimsoll.store.queries.records import bounded


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


def test_our_own_refusals_keep_their_words() -> None:
    away, refused = explained(Unavailable("The worker is away.")), explained(PlimsollError("No."))

    assert (away and away.status, refused and refused.status) == (503, 400)
    assert str(refused) == "No."


def test_a_defect_is_not_explained_away() -> None:
    assert explained(KeyError("x")) is None
