"""The last hundred refusals of each sender are kept."""

import pytest
from django.utils import timezone

from plimsoll.store import refusals
from plimsoll.store.models import Refusal

pytestmark = pytest.mark.django_db


def test_the_last_hundred_of_each_sender_are_kept() -> None:
    now = timezone.now()
    refusals.note("otlp", "no_token", "", now)
    for number in range(103):
        refusals.note("source 1", "mismatch", str(number), now)

    kept = list(Refusal.objects.filter(sender="source 1").order_by("id").values_list("reason", flat=True))

    assert kept == [str(number) for number in range(3, 103)]
    assert Refusal.objects.filter(sender="otlp").count() == 1


def test_the_latest_come_first() -> None:
    now = timezone.now()
    for code, sender in (("a", "source 1"), ("b", "otlp"), ("c", "source 2"), ("d", "otlp")):
        refusals.note(sender, code, "", now)

    assert [each.code for each in refusals.latest(["source 1", "otlp"], 2)] == ["d", "b"]


def test_what_a_stranger_wrote_is_kept_short_and_printable() -> None:
    refusals.note("otlp", "x", "a\x00\n\ud800" + "b" * 1000, timezone.now())

    reason = Refusal.objects.get().reason
    assert (reason[:5], len(reason)) == ("a���b", 300)
