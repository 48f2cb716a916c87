"""A page asks the database as few questions however much is in it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from plimsoll.console.bench.pages_places import BUDGETS, places
from plimsoll.console.bench.pages_rows import Size, fill
from tests.browser import states
from tests.browser.conftest import signed_in

pytestmark = pytest.mark.django_db


def questions(size: Size) -> dict[str, int]:
    """How many queries each page asks with so many rows."""
    fill(size, timezone.now())
    try:
        client = signed_in()
        # What is learned once a process or once a minute is no question of a page, and a minute may end between two.
        return {page: min(asked_by(client, path) for _ in range(3)) for page, path in places().items()}
    finally:
        states.empty()


def asked_by(client: Client, path: str) -> int:
    """How many queries one visit of a page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    return len(captured)


@pytest.fixture(scope="module")
def asked(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> tuple[dict[str, int], dict[str, int]]:
    """How many queries each page asks with some rows, and with four times as many."""
    with django_db_blocker.unblock():
        some = questions(Size(services=30, edges=80, deployments=400, minutes=10))
        more = questions(Size(services=120, edges=320, deployments=1600, minutes=10))
        connection.close()
    return some, more


@pytest.mark.parametrize("page", BUDGETS)
def test_four_times_the_rows_are_asked_for_in_hardly_more_queries(
    asked: tuple[dict[str, int], dict[str, int]], page: str
) -> None:
    some, more = asked

    # What there was nothing of before may be one question more; a question a row would be hundreds.
    assert more[page] - some[page] <= 2
