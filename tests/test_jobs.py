"""Jobs are requested once, run one at a time, and never forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
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


def in_a_thread(name: str) -> None:
    """Run a job on a connection of its own."""
    try:
        jobs.run(name)
    finally:
        connection.close()


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


def age_request(name: str) -> None:
    """Let a request have been made six seconds ago, and whoever took its task have died of it."""
    OrmQ.objects.update(lock=timezone.now() + timedelta(minutes=6))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE job_request SET created_at = now() - interval '6 seconds' WHERE name = %s", [name])


def test_a_request_whose_task_was_lost_is_queued_again_once() -> None:
    jobs.ask("note")
    age_request("note")

    jobs.ask("note")
    jobs.ask("note")

    assert OrmQ.objects.count() == 2
    # How long the job has been waiting is known as before.
    assert 6 <= requests.longest_wait_s() < 30


def test_a_request_whose_task_nobody_has_taken_yet_is_not_queued_again() -> None:
    jobs.ask("note")
    age_request("note")
    OrmQ.objects.update(lock=timezone.now())

    jobs.ask("note")

    assert OrmQ.objects.count() == 1


def test_a_request_that_waits_for_a_run_under_way_is_not_queued_again() -> None:
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(in_a_thread, "linger")
        assert begun.wait(10)
        jobs.ask("linger")
        age_request("linger")

        jobs.ask("linger")
        queued = OrmQ.objects.count()
        may_end.set()
        running.result(10)

    assert queued == 1
    assert done == ["lingered", "lingered"]


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
    thread = threading.Thread(target=in_a_thread, args=("linger",))
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
