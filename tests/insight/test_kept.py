"""A reading that is kept answers as a fresh look at the database would, whatever was written since."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from plimsoll.insight import dora
from plimsoll.insight.around.saying import say
from plimsoll.insight.dora import kept
from plimsoll.insight.dora.facts import facts_of
from plimsoll.insight.dora.reading import Answer
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.models import Deployment, Environment, Incident, Service, Team
from plimsoll.store.overruling import CAUSE, DISMISSED, RESOLVED
from plimsoll.store.references import NOBODY, reference_to
from tests.dashboards.builders import other_session
from tests.insight.builders import LATER, NOON
from tests.insight.reports import sha
from tests.insight.stories import broke, pushed, ran, tell

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 2, tzinfo=UTC)
END = datetime(2026, 3, 9, tzinfo=UTC)
WEEK = Window(START, END, ZoneInfo("UTC"))
COLUMNS = {
    "deployment_frequency": ("deployments_per_day", "deployments", "deployments_left_out_reasons"),
    "lead_time": ("lead_time_p50_s", "lead_time_n", "lead_time_left_out_reasons"),
    "change_failure_rate": ("change_failure_rate", "change_failure_n", "change_failure_left_out_reasons"),
    "recovery_time": ("recovery_p90_s", "recovery_n", "recovery_left_out_reasons"),
}


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    kept.forget()
    yield
    kept.forget()


def week(now: datetime = LATER) -> dict[str, tuple[object, ...]]:
    """The four metrics of the week by a reading that may have been kept."""
    return _told(kept.reading(start=START, now=now).answers(WEEK, now))


def fresh(now: datetime = LATER) -> dict[str, tuple[object, ...]]:
    """The same as `dora.rows` says it."""
    (row,) = dora.rows(start=START, end=END, bucket="all", group_by=(), tz="UTC", now=now)
    return {metric: tuple(row[name] for name in names) for metric, names in COLUMNS.items()}


def _told(answers: dict[str, Answer]) -> dict[str, tuple[object, ...]]:
    return {
        metric: (
            each.value,
            each.n if each.is_known or metric != "deployment_frequency" else None,
            "; ".join(f"{reason}={count}" for reason, count in sorted(each.left_out.items())),
        )
        for metric, each in answers.items()
    }


def questions(now: datetime = LATER) -> list[str]:
    """The statements that the next reading asks."""
    with CaptureQueriesContext(connection) as asked:
        kept.reading(start=START, now=now)
    return [each["sql"] for each in asked.captured_queries]


def tell_the_week() -> None:
    tell(
        ran("d1", -60, "1"),
        pushed("a", "1", -30),
        pushed("2", "a", -20),
        ran("d2", 0, "2"),
        broke("slow", 10, 50),
        ran("l1", 20, "1", service="ledger", repo="acme/ledger"),
        ran("d3", 30, "1"),
        pushed("3", "2", 100),
        ran("d4", 120, "3", unplanned=True),
        ran("s1", 300, "3", environment="staging"),
        ran("o1", 200, "1", service="other", repo="acme/other"),
        ran("o2", 210, "2", service="other", repo="acme/other", commits=[sha("o")]),
        broke("hurts", 220, services=["other"]),
    )


def test_a_reading_says_what_rows_say() -> None:
    tell_the_week()

    assert week() == fresh()
    assert week()["deployment_frequency"][1] == 6


def test_nothing_is_read_again_while_nothing_is_written() -> None:
    tell_the_week()
    week()

    asked = questions()

    assert len(asked) == 3
    assert not any("FROM known" in sql for sql in asked)
    assert week() == fresh()


def test_who_comes_while_it_is_read_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tell_the_week()
    reads: list[int] = []
    begun = Barrier(3)

    def counted(*asked: Any) -> DeliveryFacts:
        reads.append(1)
        return facts_of(*asked)

    def visit() -> tuple[object, ...]:
        begun.wait()
        try:
            return week()["deployment_frequency"]
        finally:
            connection.close()

    monkeypatch.setattr(kept, "facts_of", counted)
    with ThreadPoolExecutor(3) as visitors:
        found = [each.result() for each in [visitors.submit(visit) for _ in range(3)]]

    assert len(reads) == 1
    assert found == [fresh()["deployment_frequency"]] * 3


# One after the other: the last ones leave little to look at.
CHANGES: dict[str, Callable[[], object]] = {
    "a deployment": lambda: tell(pushed("4", "3", 130), ran("d5", 200, "4")),
    "a further cluster, where it was undone": lambda: tell(ran("d5b", 230, "4", cluster="b", rolled_back=True)),
    "a deployment that takes over a wait": lambda: tell(ran("d6", 125, "5", service="ledger", repo="acme/ledger")),
    "a failure": lambda: tell(broke("late", 125, 140)),
    "an end of an incident": lambda: tell(broke("hurts", 220, 260, services=["other"])),
    "a person's end of an incident": lambda: people_say("hurts", RESOLVED, NOON + timedelta(hours=5)),
    "a person's cause": lambda: people_say("slow", CAUSE, reference_to(id_of("o1"))),
    "a person's word that nothing caused it": lambda: people_say("slow", CAUSE, NOBODY),
    "a person's word that was taken back": lambda: people_say("slow", CAUSE, None),
    "a person's dismissal": lambda: people_say("slow", DISMISSED, True),
    "a change that was told late": lambda: tell(pushed("o", None, 0, repo="acme/other")),
    "a rollback": lambda: tell(ran("o3", 240, "1", service="other", repo="acme/other", is_rollback=True)),
    "a new service": lambda: tell(ran("n1", 50, "1", service="new", repo="acme/new")),
    "another owner": lambda: Service.objects.filter(name="pay").update(team=Team.objects.create(slug="a", name="A")),
    "another name": lambda: Service.objects.filter(name="new").update(name="newer"),
    "a team that is removed": lambda: Team.objects.filter(slug="a").delete(),
    "another class": lambda: Environment.objects.filter(name="staging").update(environment_class="production"),
    "a deployment that finished on another day": lambda: tell(
        ran("d4", 120, "3", finished_at=NOON + timedelta(days=2))
    ),
    "a deployment that left the week": lambda: tell(ran("d4", 120, "3", finished_at=NOON + timedelta(days=20))),
    "a deletion": lambda: (
        Incident.objects.update(caused_by=None),
        Deployment.objects.filter(external_id="d5").delete(),
    ),
    "an environment that counts no more": lambda: Environment.objects.update(environment_class="other"),
}
# These say nothing of all teams together.
SAME_IN_ALL = ("another owner", "another name", "a team that is removed")


def people_say(incident: str, name: str, word: object) -> None:
    say(Incident.objects.get(external_id=incident).pk, {name: word}, datetime.now(UTC))


def id_of(name: str) -> int:
    return Deployment.objects.get(external_id=name).pk


def by_team() -> dict[str | None, dict[str, tuple[object, ...]]]:
    """The metrics of each team that anything is known of, by a reading that may have been kept."""
    reading = kept.reading(start=START, now=LATER)
    slugs: dict[int | None, str] = dict(Team.objects.values_list("pk", "slug"))
    known = [team for team, own in reading.teams.items() if own.known_since is not None]
    return {slugs.get(team): _told(reading.answers(WEEK, LATER, [team])) for team in known}


def fresh_by_team() -> dict[str | None, dict[str, tuple[object, ...]]]:
    """The same as `dora.rows` says it."""
    rows = dora.rows(start=START, end=END, bucket="all", group_by=("team",), tz="UTC", now=LATER)
    return {
        None if row["team"] is None else str(row["team"]): {
            metric: tuple(row[name] for name in names) for metric, names in COLUMNS.items()
        }
        for row in rows
    }


def test_what_was_written_since_is_in_the_numbers() -> None:
    tell_the_week()

    for what, change in CHANGES.items():
        before = week()
        change()

        assert (what, week()) == (what, fresh())
        assert (what, by_team()) == (what, fresh_by_team())
        assert (week() == before) is (what in SAME_IN_ALL), what


def test_a_deployment_that_moves_to_another_service_is_gone_from_its_old_one() -> None:
    tell_the_week()
    owner = Team.objects.create(slug="payments", name="Payments")
    Service.objects.filter(name="pay").update(team=owner)
    before = kept.reading(start=START, now=LATER).answers(WEEK, LATER, [owner.pk])["deployment_frequency"].n

    ledger = Service.objects.get(name="ledger")
    Deployment.objects.filter(external_id="d4").update(service=ledger, updated_at=Now())
    after = kept.reading(start=START, now=LATER).answers(WEEK, LATER, [owner.pk])["deployment_frequency"].n

    assert (before, after) == (3, 2)
    assert week() == fresh()


def test_an_incident_that_is_put_down_to_another_teams_deployment_leaves_the_first() -> None:
    tell_the_week()
    tell(broke("hurts", 220, 260, services=["other"]))
    owner = Team.objects.create(slug="payments", name="Payments")
    Service.objects.filter(name="pay").update(team=owner)
    teams: tuple[list[int | None], ...] = ([owner.pk], [None])

    def recoveries() -> list[int]:
        found = [kept.reading(start=START, now=LATER).answers(WEEK, LATER, team)["recovery_time"] for team in teams]
        return [each.n for each in found]

    before = recoveries()
    failed = Deployment.objects.get(external_id="o2")
    Incident.objects.filter(external_id="slow").update(caused_by=failed, updated_at=Now())

    assert before == [1, 1]
    assert recoveries() == [0, 1]
    assert week() == fresh()


def test_what_was_computed_of_other_teams_is_kept() -> None:
    tell_the_week()
    owner = Team.objects.create(slug="payments", name="Payments")
    Service.objects.filter(name="pay").update(team=owner)
    week()
    before = kept.reading(start=START, now=LATER).teams
    tell(ran("l2", 60, "2", service="ledger", repo="acme/ledger"))

    after = kept.reading(start=START, now=LATER).teams

    assert before[owner.pk].parts
    assert after[owner.pk].parts is before[owner.pk].parts
    assert after[None].parts is not before[None].parts
    assert week() == fresh()


def test_what_is_written_in_a_transaction_under_way_is_told_when_it_is_over() -> None:
    tell_the_week()
    other = other_session()
    other.execute("UPDATE deployment SET failed = TRUE, updated_at = now() WHERE external_id = 'd4'")
    during = week()
    # Something younger is over first.
    tell(ran("l2", 60, "2", service="ledger", repo="acme/ledger"))
    week()

    other.commit()
    other.close()

    assert during["change_failure_rate"][0] == pytest.approx(2 / 6)
    assert week() == fresh()
    assert week()["change_failure_rate"][0] == pytest.approx(3 / 7)


def test_time_alone_settles_what_was_pending() -> None:
    tell_the_week()
    soon = NOON + timedelta(hours=3)

    early, fresh_early = week(soon), fresh(soon)

    assert early == fresh_early
    assert week(LATER) == fresh(LATER)
    assert early["change_failure_rate"] != week(LATER)["change_failure_rate"]


def test_an_earlier_start_is_read() -> None:
    tell_the_week()
    kept.reading(start=END, now=LATER)

    assert week() == fresh()


def test_teams_and_days_say_what_rows_say() -> None:
    tell_the_week()
    owner = Team.objects.create(slug="payments", name="Payments")
    Service.objects.filter(name="pay").update(team=owner)
    zone = ZoneInfo("Asia/Shanghai")
    whole = Window(START, END, zone)

    found = kept.reading(start=START, now=LATER).series(whole, "day", LATER, [owner.pk])
    rows = dora.rows(start=START, end=END, bucket="day", group_by=(), tz=zone.key, now=LATER, teams=["payments"])

    assert [(part.start, part.end) for part, _ in found] == [(row["bucket_start"], row["bucket_end"]) for row in rows]
    for metric, (value, _, _) in COLUMNS.items():
        assert [answers[metric].value for _, answers in found] == [row[value] for row in rows]


def test_nobody_reported_anything() -> None:
    answers = kept.reading(start=START, now=LATER).answers(WEEK, LATER)

    assert answers["deployment_frequency"].value is None
    assert not answers["deployment_frequency"].is_known
