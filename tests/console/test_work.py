"""The worker ends when it is told to, at whatever moment, and leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection
from django_q.tasks import async_task

from plimsoll.store import locks
from tests.console.installation import command_environment, within
from tests.early import DATA

pytestmark = pytest.mark.django_db(transaction=True)


def database_url() -> str:
    settings = connection.settings_dict
    if url := os.environ.get("PLIMSOLL_TEST_DATABASE_URL"):
        return urlsplit(url)._replace(path=f"/{settings['NAME']}").geturl()
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"


class Worker:
    """A real `plimsoll work` on the test's database."""

    def __init__(self) -> None:
        environment = command_environment(DATA, PLIMSOLL_DATABASE_URL=database_url())
        self.process = subprocess.Popen([sys.executable, "-m", "plimsoll", "work"], env=environment)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def is_present(self) -> bool:
        return locks.holders(locks.Kind.PRESENCE, "worker") > 0

    def end(self) -> tuple[int, float]:
        """Return the exit code and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - began


def are_gone(family: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family)


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


def test_it_shows_its_presence_while_it_runs(worker: Worker) -> None:
    assert within(20, worker.is_present)

    code, seconds = worker.end()

    assert code == 0
    assert seconds < 7
    assert within(5, lambda: not worker.is_present())


@pytest.mark.parametrize("round_", range(6))
def test_it_ends_at_any_moment(worker: Worker, round_: int) -> None:
    # From before Django is there to well after the pool has begun to work.
    time.sleep(random.Random(round_).uniform(0.3, 3))
    family = worker.family()

    code, seconds = worker.end()

    assert code in (0, -signal.SIGTERM)
    assert seconds < 7
    assert within(5, lambda: are_gone(family))


def test_a_job_that_lasts_does_not_hold_up_the_end(worker: Worker) -> None:
    assert within(20, worker.is_present)
    for _ in range(8):
        async_task("time.sleep", 120)
    time.sleep(2.5)
    family = worker.family()

    code, seconds = worker.end()

    assert code == 0
    assert seconds < 7
    assert within(5, lambda: are_gone(family))


def test_the_pool_dies_with_the_worker(worker: Worker) -> None:
    assert within(20, worker.is_present)
    family = worker.family()

    worker.process.kill()
    worker.process.wait()

    # The cluster, two workers, the monitor and the pusher.
    assert len(family) >= 5
    assert within(5, lambda: are_gone(family)) or psutil.MACOS


def test_when_the_pool_is_gone_the_worker_says_so_with_its_exit_code(worker: Worker) -> None:
    assert within(20, worker.is_present)

    psutil.Process(worker.process.pid).children()[0].kill()

    assert worker.process.wait(20) == 1
