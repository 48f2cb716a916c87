"""Drain waits for exactly what was accepted."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection
from django_q.models import OrmQ

from plimsoll.console import run
from plimsoll.store import deliveries, requests
from plimsoll.store.locks import Kind, attempt
from plimsoll.store.models import WebhookDelivery
from plimsoll.store.sources import add_source

pytestmark = pytest.mark.django_db(transaction=True)


def accept() -> int:
    source = add_source("generic", "ci")
    now = datetime.now(UTC)
    delivery = deliveries.store(source, "1", received_at=now, event="", headers={}, body=b"{}")
    assert delivery is not None
    return delivery


def test_with_nobody_to_do_the_work_the_time_runs_out(capsys: pytest.CaptureFixture[str]) -> None:
    accept()

    assert run(["drain", "--timeout", "0.3"]) == 1
    assert "1 deliveries are still pending after 0.3 s" in capsys.readouterr().err


def test_work_that_was_asked_for_of_a_worker_that_died_is_asked_for_again() -> None:
    accept()
    requests.add("normalise")

    run(["drain", "--timeout", "0.3"])

    assert OrmQ.objects.count() == 1


def test_it_returns_when_the_last_delivery_is_applied() -> None:
    delivery = accept()

    def apply() -> None:
        time.sleep(0.5)
        WebhookDelivery.objects.filter(pk=delivery).update(status="applied")
        connection.close()

    worker = threading.Thread(target=apply)
    began = time.monotonic()
    worker.start()
    code = run(["drain", "--timeout", "10"])
    worker.join()

    assert code == 0
    assert 0.4 < time.monotonic() - began < 5


def test_it_waits_for_a_run_that_is_under_way() -> None:
    accept()
    WebhookDelivery.objects.update(status="applied")
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        with attempt(Kind.JOB, "normalise") as is_mine:
            assert is_mine
            begun.set()
            ended.wait(10)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(10)
    while_working = run(["drain", "--timeout", "0.3"])
    ended.set()
    worker.join()

    assert while_working == 1
    assert run(["drain", "--timeout", "5"]) == 0
