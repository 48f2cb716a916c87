"""What the tests of the map share."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _visitors_may_look(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
