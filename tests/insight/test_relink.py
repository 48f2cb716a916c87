"""Linkage over a real database: whatever arrives in whatever order, the same rows come out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from plimsoll.insight.linkage import relink
from plimsoll.store.models import Change, Deployment, DeploymentChange, Incident
from plimsoll.store.records import Observation
from tests.insight.builders import LATER, NOON
from tests.insight.stories import broke, causes, linked, merged, pushed, ran, tell, wipe

pytestmark = pytest.mark.django_db(transaction=True)


# V1 V2 V3 V1 V4, with a retry, a squash, a hotfix, and incidents: one by window, one told, one that nothing caused.
STORY: Sequence[Observation] = (
    pushed("1", None, -600),
    ran("d1", -500, "1"),
    pushed("a", "1", -90),
    pushed("2", "a", -80),
    ran("d2-try", -2, "2", status="failure", finished_at=NOON),
    ran("d2", 10, "2"),
    broke("slow", 30, 70),
    pushed("f1", None, 20, branch="feature"),
    pushed("f2", "f1", 25, branch="feature"),
    pushed("3", "2", 80),
    merged(7, "3", "f2", 40, 80),
    ran("d3", 120, "3"),
    ran("d4", 240, "1"),
    broke("told", 3000, 3100, caused_by_ref="d3"),
    pushed("c", "3", 250),
    pushed("4", "c", 260, title="Hotfix the pool"),
    ran("d5", 300, "4", commits=None),
    broke("disk", 4000, 4010, environment="staging"),
    ran("s1", 150, "3", environment="staging"),
    ran("s2", 320, "4", environment="staging"),
)
EXPECTED = {
    "d1": (None, "standard", False, None, {}),
    "d2-try": (None, "standard", True, "rollback", {"a": ("pushed", 105), "2": ("pushed", 95)}),
    "d2": ("d2-try", None, None, None, {}),
    "d3": (None, "standard", True, "explicit", {"f1": ("merge_sha", 105), "f2": ("merge_sha", 100)}),
    "d4": (None, "rollback", False, None, {}),
    "d5": (None, "hotfix", False, None, {"c": ("pushed", 55), "4": ("pushed", 45)}),
    "s1": (None, "standard", False, None, {}),
    "s2": (None, "hotfix", False, None, {"c": ("pushed", 75), "4": ("pushed", 65)}),
}


def shuffles(count: int) -> Iterable[list[Observation]]:
    for seed in range(count):
        story = list(STORY)
        Random(seed).shuffle(story)
        yield story


def test_a_story_in_order_gives_the_rows_that_can_be_worked_out_by_hand() -> None:
    tell(*STORY, each=1)

    assert linked() == EXPECTED
    # Version 2 was live at 12:15; 12:30 is a quarter of an hour of its day.
    assert causes() == {
        "slow": ("d2-try", "window", round(0.9 - 0.5 * 15 / 1440, 4)),
        "told": ("d3", "explicit", 1.0),
        "disk": (None, None, None),
    }


def test_any_order_of_arrival_gives_the_same_rows() -> None:
    tell(*STORY)
    once, once_causes = linked(), causes()
    results = []
    for number, story in enumerate(shuffles(8)):
        wipe()
        tell(*story, each=1 + number % 4)
        results.append((linked(), causes()))

    assert once == EXPECTED
    assert all(result == (once, once_causes) for result in results)


def stamps() -> list[Any]:
    """Return when each row was last written."""
    changing = [
        list(rows.order_by("pk").values_list("pk", "updated_at"))
        for rows in (Deployment.objects.all(), Change.objects.all(), Incident.objects.all())
    ]
    return [*changing, list(DeploymentChange.objects.order_by("pk").values_list("pk", "created_at"))]


def test_linking_again_writes_nothing() -> None:
    tell(*STORY)
    before = stamps()
    keys = {
        (row.service_id or 0, row.environment_id or 0): NOON - timedelta(days=9) for row in Deployment.objects.all()
    }

    with transaction.atomic():
        relink(series=keys, repos={"acme/pay"}, now=LATER)

    assert stamps() == before


def updated(name: str) -> datetime:
    return Deployment.objects.get(external_id=name).updated_at


def test_a_derived_change_is_a_change_of_the_row() -> None:
    tell(ran("d1", 0, "1"), ran("d2", 120, "2"))
    before = updated("d1"), updated("d2")

    tell(ran("d3", 240, "1"))
    rolled_back = updated("d1"), updated("d2")
    tell(pushed("2", "1", 60))

    assert rolled_back[0] == before[0]
    assert rolled_back[1] > before[1]
    assert updated("d2") > rolled_back[1]


def test_a_push_that_arrives_after_the_deployment_is_found() -> None:
    tell(ran("d1", 0, "1"), ran("d2", 120, "2"))
    assert linked()["d2"][4] == {}

    tell(pushed("2", "1", 65))

    assert linked()["d2"][4] == {"2": ("pushed", 60)}


def test_a_late_deployment_takes_over_what_it_was_first_to_carry() -> None:
    tell(pushed("2", "1", 0), pushed("3", "2", 1), ran("d1", -60, "1"), ran("d3", 240, "3"))
    assert set(linked()["d3"][4]) == {"2", "3"}

    tell(ran("d2", 120, "2"))

    assert (set(linked()["d2"][4]), set(linked()["d3"][4])) == ({"2"}, {"3"})


def test_a_rollout_that_comes_late_between_two_others_parts_them() -> None:
    tell(ran("d1", 0, "1"), ran("again", 40, "1"))
    assert linked()["again"][0] == "d1"

    tell(ran("d2", 20, "2"))

    assert linked()["again"][:2] == (None, "rollback")
    assert linked()["d2"][2:4] == (True, "rollback")


def test_an_incident_of_several_services_is_blamed_on_the_nearest_deployment() -> None:
    tell(ran("d1", 0, "1"), ran("l1", 60, "1", service="ledger"))

    tell(broke("both", 70, services=["pay", "ledger"]))

    assert causes()["both"][0] == "l1"


def test_an_incident_that_turns_out_to_have_opened_earlier_leaves_its_cause() -> None:
    tell(ran("d1", 0, "1"), ran("d2", 120, "2"), broke("slow", 130))
    assert causes()["slow"][0] == "d2"

    tell(broke("slow", 60))

    assert causes()["slow"][0] == "d1"
    assert (linked()["d1"][2], linked()["d2"][2]) == (True, False)


def test_a_run_that_another_row_tells_of_says_nothing_any_more() -> None:
    tell(ran("d0", -300, "0"), pushed("1", "0", -200), ran("900/1", 0, "1", run_id="900"))
    assert linked()["900/1"][1] == "standard"

    tell(ran("d1", 1, "1", run_id="900"))

    assert Deployment.objects.get(external_id="900/1").is_deleted
    assert linked()["900/1"][1:] == (None, None, None, {})
    assert linked()["d1"][4] == {"1": ("pushed", 206)}


def test_a_deployment_without_a_repository_finds_it_by_its_commit() -> None:
    tell(ran("d1", 0, "1", repo=None), ran("d2", 120, "2", repo=None), pushed("2", "1", 65))

    assert linked()["d2"][4] == {"2": ("pushed", 60)}


def test_a_long_series_is_read_in_part_and_comes_out_whole() -> None:
    runs = [ran(f"d{n}", n * 120, f"v{n}") for n in range(230)]
    tell(*runs)
    tell(*(pushed(f"v{n}", f"v{n - 1}", n * 120 - 30) for n in range(1, 230)), each=50)

    tell(ran("back", 230 * 120, "v227"))

    found = linked()
    assert found["back"][1] == "rollback"
    assert found["d228"][2:4] == (True, "rollback")
    assert DeploymentChange.objects.count() == 229
    assert all(found[f"d{n}"][1] == "standard" for n in range(230))


def test_a_revert_marks_the_deployment_that_carried_the_change() -> None:
    story = [
        ran("d1", 0, "1"),
        pushed("2", "1", 60, title="Show fees"),
        ran("d2", 120, "2"),
        pushed("3", "2", 180),
        ran("d3", 240, "3"),
        pushed("4", "3", 300, title='Revert "Show fees"'),
        ran("d4", 360, "4"),
    ]

    tell(*story[::-1], each=1)

    found = linked()
    assert [found[f"d{n}"][1:4] for n in (1, 2, 3, 4)] == [
        ("standard", False, None),
        ("standard", True, "revert"),
        ("standard", False, None),
        ("hotfix", False, None),
    ]


def test_a_revert_of_a_squashed_pull_request_names_its_title_and_number() -> None:
    tell(
        ran("d1", 0, "1"),
        pushed("f", None, 20, branch="feature", title="wip"),
        pushed("2", "1", 60, title="Show fees (#7)"),
        merged(7, "2", "f", 30, 60, title="Show fees"),
        ran("d2", 120, "2"),
        pushed("3", "2", 180, title='Revert "Show fees (#7)" (#8)'),
        ran("d3", 240, "3"),
    )

    assert linked()["d2"][2:] == (True, "revert", {"f": ("merge_sha", 105)})
