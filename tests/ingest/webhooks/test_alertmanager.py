"""Alertmanager's messages beyond the samples: flapping, lost and repeated ones."""

import itertools
from typing import Any

import pytest

from plimsoll.store.models import Incident
from tests.ingest.webhooks.builders import Sender, normalised, outcomes, records, sender

pytestmark = pytest.mark.django_db


def alert(start: str, end: str | None = None, fingerprint: str = "f00", **labels: str) -> dict[str, Any]:
    """Return one alert of a message, from a time of day to another."""
    return {
        "status": "firing" if end is None else "resolved",
        "labels": {"alertname": "Slow", "service": "checkout", "severity": "critical"} | labels,
        "annotations": {},
        "startsAt": f"2026-03-02T{start}Z",
        "endsAt": "0001-01-01T00:00:00Z" if end is None else f"2026-03-02T{end}Z",
        "fingerprint": fingerprint,
    }


def message(*alerts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a message of a group."""
    return {
        "version": "4",
        "groupKey": "{}",
        "truncatedAlerts": 0,
        "status": "firing",
        "alerts": list(alerts),
    } | changes


def told(alerts: Sender, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Send messages one after the other, each normalised at once, and return the incidents."""
    for each in messages:
        assert alerts.send(each).status in (200, 202)
        normalised()
    return records()


def times(shown: list[dict[str, Any]]) -> list[tuple[str, str, str | None, int]]:
    """Return status, start, end and count of reopenings."""
    return [
        (
            row["status"],
            f"{row['opened_at']:%H:%M}",
            row["resolved_at"] and f"{row['resolved_at']:%H:%M}",
            row["reopen_count"],
        )
        for row in shown
    ]


def test_a_message_that_is_sent_again_is_a_heartbeat() -> None:
    alerts = sender("alertmanager")
    body = message(alert("08:00:00"))
    alerts.send(body)

    assert alerts.send(body).body == {"status": "duplicate"}


def test_two_copies_of_a_pair_tell_one_incident() -> None:
    shown = told(
        sender("alertmanager"),
        message(alert("08:00:00"), externalURL="http://a"),
        message(alert("08:00:00"), externalURL="http://b"),
    )

    assert times(shown) == [("open", "08:00", None, 0)]


def test_a_flapping_alert_is_one_incident_in_any_order() -> None:
    messages = [
        message(alert("08:00:00")),
        message(alert("08:00:00", "08:04:00")),
        message(alert("08:08:00")),
        message(alert("08:08:00", "08:12:00")),
    ]
    for index, order in enumerate(itertools.permutations(messages)):
        Incident.objects.all().delete()

        shown = told(sender("alertmanager", name=str(index)), *order)

        assert times(shown) == [("resolved", "08:00", "08:12", 1)]


def test_the_gap_of_a_source_decides_what_is_flapping() -> None:
    messages = [message(alert("08:00:00", "08:04:00")), message(alert("08:08:00"))]

    assert len(told(sender("alertmanager", {"flap_gap_s": 200}), *messages)) == 2


def test_an_alert_that_fires_again_within_five_minutes_is_the_same_incident() -> None:
    ended = message(alert("08:00:00", "08:04:00"))

    shown = told(sender("alertmanager"), ended, message(alert("08:09:00")))

    assert times(shown) == [("open", "08:00", None, 1)]


def test_an_alert_that_fires_again_after_more_than_five_minutes_is_another_incident() -> None:
    ended = message(alert("08:00:00", "08:04:00"))

    shown = told(sender("alertmanager"), ended, message(alert("08:09:01")))

    assert times(shown) == [("resolved", "08:00", "08:04", 0), ("open", "08:09", None, 0)]


def test_an_incident_whose_end_got_lost_is_over_when_the_alert_fires_anew() -> None:
    shown = told(sender("alertmanager"), message(alert("08:00:00")), message(alert("14:00:00")))

    assert times(shown) == [("resolved", "08:00", None, 0), ("open", "14:00", None, 0)]
    assert shown[0]["flags"] == ["end_unknown"]


def test_alerts_that_were_cut_off_are_told_on_the_delivery() -> None:
    told(sender("alertmanager"), message(alert("08:00:00"), truncatedAlerts=3))

    assert outcomes() == [("applied", "3 alerts were cut off by the sender (its max_alerts)")]


def test_a_body_of_a_template_is_ignored_with_a_reason() -> None:
    body = message(alert("08:00:00"))
    del body["groupKey"]

    told(sender("alertmanager"), body)

    ((status, reason),) = outcomes()
    assert status == "ignored"
    assert reason.startswith("no groupKey")


def test_an_alert_without_labels_of_a_service_falls_back_on_its_namespace() -> None:
    body = message(alert("08:00:00", service="", namespace="shop"))

    assert told(sender("alertmanager"), body)[0]["services"] == ["shop"]


def test_an_alert_says_its_environment_or_the_source_does() -> None:
    shown = told(
        sender("alertmanager", {"default_environment": "production"}),
        message(alert("08:00:00", fingerprint="a"), alert("08:00:00", fingerprint="b", environment="staging")),
    )

    assert [row["environment"] for row in shown] == ["production", "staging"]


def test_one_bad_alert_makes_the_message_unusable_and_says_which_part() -> None:
    bad = alert("08:00:00") | {"startsAt": "soon"}

    told(sender("alertmanager"), message(bad))

    assert outcomes() == [("failed", "startsAt: 'soon' is not a time")]


def test_an_alert_that_ends_before_it_starts_is_put_in_order() -> None:
    shown = told(sender("alertmanager"), message(alert("08:10:00", "08:00:00")))

    assert times(shown) == [("resolved", "08:00", "08:10", 0)]
    assert shown[0]["flags"] == ["resolved_before_opened"]
