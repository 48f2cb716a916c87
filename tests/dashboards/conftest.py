"""What the tests of the API share."""

from collections.abc import Iterator

import pytest

from dashboards.api.limits import windows


@pytest.fixture(autouse=True)
def _every_test_has_its_own_minute() -> Iterator[None]:
    windows.clear()
    yield
    windows.clear()
