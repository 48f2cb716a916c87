"""Halves of calls in the database: a caller's call counts once for each service that answers it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from plimsoll.store import halves, partitions
from plimsoll.store.connections import Connection, opened
from plimsoll.store.halves import Halves

pytestmark = pytest.mark.django_db(transaction=True)

SLOT = datetime.now(UTC)
ONE, OTHER = bytes(15) + b"\x01" + bytes(7) + b"\x0a", bytes(15) + b"\x02" + bytes(7) + b"\xff"


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A receiver's connection, and the calls ONE and OTHER stored."""
    with opened() as made:
        partitions.ensure_for_slots(made, [SLOT])
        with made.transaction():
            halves.lock(made)
            halves.store_owners(made, [Halves([ONE, OTHER], [5, 5], b"caller")], SLOT)
        yield made


def first(connection: Connection, *calls: tuple[bytes, str]) -> set[tuple[bytes, str]]:
    """Return those of the calls that are the first, in a commit of their own."""
    with connection.transaction():
        halves.lock(connection)
        return halves.count_first(connection, calls)


def test_a_call_that_was_counted_in_another_commit_is_not_the_first(connection: Connection) -> None:
    found = [first(connection, (ONE, "reviews")) for _ in range(3)]

    assert found == [{(ONE, "reviews")}, set(), set()]


def test_a_call_is_the_first_for_each_service_and_each_caller(connection: Connection) -> None:
    found = [
        first(connection, (ONE, "reviews"), (ONE, "reviews"), (OTHER, "reviews")),
        first(connection, (ONE, "ratings"), (ONE, "reviews")),
        first(connection, (OTHER, "ratings"), (OTHER, "reviews"), (ONE, "ratings")),
    ]

    assert found == [{(ONE, "reviews"), (OTHER, "reviews")}, {(ONE, "ratings")}, {(OTHER, "ratings")}]
