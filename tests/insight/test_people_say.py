"""What people say of an incident: kept whatever its sender says, before or after, and followed by the metrics."""

from datetime import datetime
from typing import Any

import pytest

from plimsoll.insight import dora
from plimsoll.insight.around.saying import say
from plimsoll.store.merge import Observation
from plimsoll.store.models import Deployment, Incident, Source
from plimsoll.store.overruling import CAUSE, DISMISSED, RESOLVED, on_it
from plimsoll.store.references import NOBODY, reference_to
from tests.insight.builders import LATER, NOON, minutes
from tests.insight.stories import broke, causes, linked, ran, tell

pytestmark = pytest.mark.django_db(transaction=True)


def only() -> Incident:
    return Incident.objects.get()


def id_of(name: str) -> int:
    return Deployment.objects.get(external_id=name).pk


def people(at: float, **words: Any) -> None:
    """Let somebody speak about the only incident so many minutes after noon."""
    names = {"resolved": RESOLVED, "cause": CAUSE, "dismissed": DISMISSED}
    said = {names.get(name) or on_it(name): value for name, value in words.items()}
    say(only().pk, said, NOON + minutes(at))


def resolved() -> tuple[str, datetime | None]:
    return only().status, only().resolved_at


def test_a_sender_that_repeats_itself_does_not_undo_a_resolution() -> None:
    tell(broke("i", 0))
    people(30, resolved=NOON + minutes(30))

    tell(Observation("incident", "i", NOON + minutes(40), {"status": "open", "resolved_at": None, "title": "Still"}))

    assert resolved() == ("resolved", NOON + minutes(30))
    # Nothing of what the sender said is lost.
    assert only().title == "Still"


def test_the_senders_word_that_came_before_or_after_is_there_when_people_take_theirs_back() -> None:
    tell(broke("i", 0), broke("i", 0, 45))
    people(30, resolved=NOON + minutes(30))
    first = resolved()
    tell(broke("i", 0, 50))
    second = resolved()

    people(60, resolved=None)

    assert first == second == ("resolved", NOON + minutes(30))
    assert resolved() == ("resolved", NOON + minutes(50))


def test_an_incident_that_its_sender_opens_again_after_a_resolution_is_open() -> None:
    tell(broke("i", 0))
    people(30, resolved=NOON + minutes(30))

    tell(Observation("incident", "i", NOON + minutes(50), {"status": "open", "reopened_at": [NOON + minutes(50)]}))

    assert resolved() == ("open", None)


def test_an_opening_before_the_resolution_that_arrives_late_does_not_open_it() -> None:
    tell(broke("i", 0))
    people(30, resolved=NOON + minutes(30))

    tell(Observation("incident", "i", NOON + minutes(20), {"status": "open", "reopened_at": [NOON + minutes(20)]}))

    assert resolved() == ("resolved", NOON + minutes(30))


@pytest.mark.parametrize("sender_first", [True, False])
def test_who_takes_it_is_added_to_whom_the_sender_names(sender_first: bool) -> None:
    tell(broke("i", 0))
    told = Observation("incident", "i", NOON + minutes(5), {"assignees": ["ana"]})
    if sender_first:
        tell(told)
    people(10, **{"Lin Yue": True})
    if not sender_first:
        tell(told)

    assert only().assignees == ["ana", "Lin Yue"]


def test_who_leaves_stays_off_though_the_sender_still_names_them() -> None:
    tell(broke("i", 0, assignees=["ana", "lin"]))
    people(10, lin=False)

    tell(Observation("incident", "i", NOON + minutes(20), {"assignees": ["lin", "omar"]}))

    assert only().assignees == ["omar"]


def test_linking_a_deployment_makes_it_fail_and_unlinking_takes_that_back() -> None:
    tell(ran("d1", -300, "1"), ran("d2", -60, "2"), broke("i", 0, 30))
    assert causes()["i"][:2] == ("d2", "window")

    people(40, cause=reference_to(id_of("d1")))
    by_person = causes()["i"], linked()["d1"][2:4], linked()["d2"][2:4]
    people(50, cause=NOBODY)
    nobody = causes()["i"], linked()["d1"][2:4], linked()["d2"][2:4]
    people(60, cause=None)

    assert by_person == (("d1", "explicit", 1.0), (True, "explicit"), (False, None))
    assert nobody == ((None, None, None), (False, None), (False, None))
    assert causes()["i"][:2] == ("d2", "window")


def test_a_link_by_a_person_stands_against_a_later_word_of_the_sender() -> None:
    tell(ran("d1", -300, "1"), ran("d2", -60, "2"), broke("i", 0, 30))
    people(40, cause=reference_to(id_of("d1")))

    tell(Observation("incident", "i", NOON + minutes(70), {"caused_by_ref": "d2"}))
    # Linkage looks at the incident again with every new deployment.
    tell(ran("d3", 90, "3"))

    assert causes()["i"] == ("d1", "explicit", 1.0)
    people(95, cause=None)
    assert causes()["i"] == ("d2", "explicit", 1.0)


def test_an_incident_without_services_can_be_linked_and_let_go() -> None:
    tell(ran("d1", -60, "1"), broke("i", 0, 30, services=[]))

    people(40, cause=reference_to(id_of("d1")))
    then = causes()["i"][0], linked()["d1"][2]
    people(50, cause=NOBODY)

    assert then == ("d1", True)
    assert (causes()["i"][0], linked()["d1"][2]) == (None, False)


def test_what_is_no_incident_is_in_no_figure_until_that_is_taken_back() -> None:
    tell(ran("d1", -60, "1"), broke("i", 0, 30))
    window: dict[str, Any] = {"start": NOON - minutes(600), "end": NOON + minutes(600), "now": LATER}

    def parts(metric: str) -> dict[str, list[int]]:
        return dora.parts_of(dora.figure(metric, **window))

    before = parts("change_failure_rate").get("failed"), parts("time_to_restore")["counted"]

    people(40, dismissed=True)
    tell(broke("i", 0, 35))
    during = parts("change_failure_rate").get("failed"), parts("time_to_restore")["counted"]
    people(50, dismissed=None)

    assert before == ([id_of("d1")], [only().pk])
    assert during == (None, [])
    assert (parts("change_failure_rate").get("failed"), only().is_deleted) == ([id_of("d1")], False)


def test_of_two_people_the_later_word_counts_whichever_was_written_first() -> None:
    tell(broke("i", 0))
    people(30, resolved=NOON + minutes(30))

    people(20, resolved=None)

    assert resolved() == ("resolved", NOON + minutes(30))


def test_people_may_speak_of_an_incident_whose_sender_was_removed() -> None:
    tell(broke("i", 0))
    Source.objects.all().delete()

    people(30, resolved=NOON + minutes(30))

    assert resolved() == ("resolved", NOON + minutes(30))
    assert Incident.objects.count() == 1
