"""What the receiver refuses at its door is kept for whoever sets the sender up."""

import pytest

from plimsoll.store.access import new_token
from plimsoll.store.models import Refusal
from tests.ingest.otlp.test_server import end, start

pytestmark = pytest.mark.django_db(transaction=True)


def test_refused_requests_are_written_down_by_their_reasons_with_their_counts() -> None:
    reading = new_token("reader", ["read"])
    receiver = start(PLIMSOLL_OTLP_AUTH="token")
    for _ in range(3):
        receiver.refusal(b"")
    receiver.refusal(b"", token="plm_nobody")
    receiver.refusal(b"", token=reading)
    receiver.refusal(b"\xff", token=new_token("mesh", ["ingest"]))
    # Ending writes what was only counted so far.
    assert end(receiver) == 0

    counts: dict[str, int] = {}
    for refusal in Refusal.objects.filter(sender="otlp"):
        counts[refusal.code] = counts.get(refusal.code, 0) + refusal.count
    assert counts == {"no_token": 3, "token_unknown": 1, "token_scope": 1, "undecodable": 1}
