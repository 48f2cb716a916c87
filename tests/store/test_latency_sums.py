"""Stored latencies, added where they are: `bucket * 2^40 + count`."""

import pytest
from django.db import connection

from plimsoll.insight.sketch import pack, unpack

MOST = 2**40 - 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({-3: 1, 4: 2}, {4: 5, 7: 1}, {-3: 1, 4: 7, 7: 1}),
        ({0: 1}, {}, {0: 1}),
        # A bucket that is full stays what it is, and does not run over into the next.
        ({-1: MOST, 0: MOST - 1}, {-1: MOST, 0: 5}, {-1: MOST, 0: MOST}),
    ],
)
def test_the_counts_of_a_bucket_are_added(one: dict[int, int], other: dict[int, int], together: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT latency_add(%s::bigint[], %s::bigint[])", [pack(one), pack(other)])
        ((added,),) = cursor.fetchall()

    assert unpack(added) == together
