"""Jobs are requested once, run one at a time, and never forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ, Schedule

from plimsoll import jobs
from plimsoll.store import locks, requests

done: list[str] = []
begun = threading.Event()
may_end = threading.Event()


def note() -> None:
    """A job that is quick."""
    done.append("noted")


def note_and_ask() -> None:
    """A job during which somebody asks for it again, once."""
    done.append("noted")
    if len(done) == 1:
        jobs.ask("note")


def linger() -> None:
    """A job that lasts until the test lets it end."""
    done.append("lingered")
    begun.set()
    assert may_end.wait(10)


def fail() -> None:
    """A job that does not succeed."""
    raise ValueError("no")


@pytest.fixture(autouse=True)
def _jobs(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    done.clear()
    begun.clear()
    may_end.clear()
    for name in ("note", "note_and_ask", "linger", "fail"):
        monkeypatch.setitem(jobs.JOBS, name, (f"{__name__}.{name}", 1))


def test_asking_twice_before_it_begins_queues_one_task() -> None:
    jobs.ask("note")
    jobs.ask("note")

    assert OrmQ.objects.count() == 1
    assert requests.is_waiting("note")


def test_asking_in_a_transaction_waits_for_its_end() -> None:
    with transaction.atomic():
        jobs.ask("note")
        during = OrmQ.objects.count()

    assert during == 0
    assert OrmQ.objects.count() == 1


def test_asking_in_a_transaction_that_fails_asks_for_nothing() -> None:
    with transaction.atomic():
        jobs.ask("note")
        transaction.set_rollback(True)

    assert OrmQ.objects.count() == 0
    assert not requests.is_waiting("note")


def test_a_name_nobody_knows_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        jobs.ask("nothing")


def test_a_run_forgets_the_request_before_it_works() -> None:
    jobs.ask("note")

    jobs.run("note")

    assert done == ["noted"]
    assert not requests.is_waiting("note")


def test_what_is_asked_for_during_a_run_is_done_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.JOBS, "note", (f"{__name__}.note_and_ask", 1))

    jobs.run("note")

    assert done == ["noted", "noted"]


def test_a_second_run_returns_at_once_and_the_first_does_its_work_too() -> None:
    def first() -> None:
        jobs.run("linger")
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    was_running = jobs.is_running("linger")

    jobs.ask("linger")
    jobs.run("linger")
    runs_meanwhile = len(done)
    may_end.set()
    thread.join(10)

    assert was_running
    assert runs_meanwhile == 1
    assert done == ["lingered", "lingered"]
    assert not jobs.is_running("linger")


def test_a_job_that_fails_lets_go_of_its_lock() -> None:
    with pytest.raises(ValueError, match="no"):
        jobs.run("fail")

    assert locks.holders(locks.Kind.JOB, "fail") == 0


def test_schedules_are_written_once_and_follow_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.ensure_schedules()
    monkeypatch.delitem(jobs.JOBS, "fail")
    jobs.ensure_schedules()

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(jobs.JOBS)
    assert Schedule.objects.get(name="partitions").minutes == 5
    assert Schedule.objects.get(name="note").args == "('note',)"


def test_workers_that_start_together_write_each_schedule_once() -> None:
    def start(_: int) -> None:
        jobs.ensure_schedules()
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(start, range(4)))

    assert sorted(Schedule.objects.values_list("name", flat=True)) == sorted(jobs.JOBS)
