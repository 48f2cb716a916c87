"""What the tests of the wallboard share."""

from collections.abc import Iterator

import pytest

from dashboards.wallboard import measures


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    measures.forget()
    yield
    measures.forget()
