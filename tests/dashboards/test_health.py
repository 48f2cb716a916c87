"""Probes say which part is down, and why, in words that give nothing away."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from plimsoll.env import Address
from plimsoll.store import connections
from plimsoll.store.locks import Kind, number


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Hold the lock that a worker holds while it is there."""
    with closing(connections.opened()) as own:
        own.execute("SELECT pg_advisory_lock_shared(%s, %s)", (Kind.PRESENCE.value, number("worker")))
        yield


@pytest.fixture
def receiver(transactional_db: None) -> Iterator[None]:
    """Hold the lock of a receiver on another machine."""
    with closing(connections.opened()) as own:
        own.execute("SELECT pg_advisory_lock_shared(%s, %s)", (Kind.PRESENCE.value, number("receiver")))
        yield


def test_the_process_is_alive_whatever_the_others_do() -> None:
    answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Cache-Control"] == "no-store"


def test_everything_up_is_200(worker: None, receiver: None) -> None:
    answer = Client().get("/readyz")

    up = {"state": "up"}
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "up",
        "parts": {"database": up, "schema": up, "receiver": up, "worker": up},
    }


def test_a_worker_that_is_gone_is_503_and_named(receiver: None) -> None:
    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["state"] == "down"
    assert answer.json()["parts"]["worker"] == {"state": "down", "why": "no worker runs"}
    assert answer.json()["parts"]["receiver"] == {"state": "up"}


def test_a_receiver_that_is_nowhere_is_503_and_named(worker: None, settings: Settings) -> None:
    settings.OTLP_GRPC = Address("127.0.0.1", 1)

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["receiver"] == {"state": "down", "why": "nothing accepts connections on 127.0.0.1:1"}


def test_a_worker_that_does_not_get_to_its_work_is_down(worker: None, receiver: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO job_request VALUES ('normalise', now() - interval '150 seconds')")

    answer = Client().get("/readyz")

    assert answer.json()["parts"]["worker"] == {"state": "down", "why": "a job has been waiting for 150 s"}


def test_a_schema_that_is_too_old_says_what_to_run(worker: None, receiver: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store' AND name = '0002_traffic'")
    try:
        answer = Client().get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('store', '0002_traffic', now())")

    assert answer.status_code == 503
    assert answer.json()["parts"]["schema"]["why"].endswith("run `plimsoll migrate`")


def test_a_database_that_is_away_is_asked_once(db: None, settings: Settings) -> None:
    settings.OTLP_GRPC = Address("127.0.0.1", 1)
    asked = []

    def away(execute: object, query: str, *others: object) -> None:
        asked.append(query)
        raise OperationalError("it is away")

    with connection.execute_wrapper(away):
        answer = Client().get("/readyz")

    away_too = {"state": "down", "why": "the database does not answer"}
    assert answer.status_code == 503
    assert answer.json()["parts"] == dict.fromkeys(("database", "schema", "receiver", "worker"), away_too)
    assert len(asked) == 1
