"""What nobody came for is counted once, wherever and whenever it was (mesh-dialects, section 8.2)."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.otlp import sweep
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import nodes
from tests.ingest.mesh.test_spans import SERVER, effect, span

pytestmark = pytest.mark.django_db(transaction=True)


def sent(*bodies: bytes) -> None:
    writer = Writer()
    for body in bodies:
        writer.write([effect(body)])
    writer.close()


def unattributed() -> dict[str, float]:
    now = datetime.now(UTC)
    rows = nodes(start=now - timedelta(days=2), end=now + timedelta(hours=1))
    return {row.name: row.unattributed for row in rows}


def test_a_call_whose_caller_never_came_counts_once_and_not_before_the_late_limit() -> None:
    sent(span("reviews", SERVER, 2, parent=1))
    now = datetime.now(UTC)

    early = sweep.run(now + timedelta(minutes=9))
    late = [sweep.run(now + timedelta(minutes=12)) for _ in range(2)]

    assert (early, late) == (0, [1, 0])
    assert unattributed() == {"reviews": 1}


def test_a_call_of_yesterday_is_swept_though_nothing_else_was_written_for_that_day() -> None:
    sent(span("reviews", SERVER, 2, parent=1, minutes_ago=23 * 60))

    assert sweep.run(datetime.now(UTC) + timedelta(minutes=12)) == 1
    assert unattributed() == {"reviews": 1}
