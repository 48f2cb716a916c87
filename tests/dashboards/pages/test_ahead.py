"""What is read before anybody asks."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from dashboards.pages.ahead import read_ahead
from plimsoll.insight.dora import kept
from tests.insight.stories import broke, ran, tell


@pytest.mark.django_db(transaction=True)
def test_the_first_visitors_wait_for_no_reading(client: Client, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    kept.forget()
    tell(ran("d1", 0, "1"), broke("slow", 10, 50))

    read_ahead()
    with CaptureQueriesContext(connection) as asked:
        answers = [client.get(path).status_code for path in ("/", "/wall/all/")]

    assert answers == [200, 200]
    assert not any("FROM known" in each["sql"] for each in asked.captured_queries)
    kept.forget()
