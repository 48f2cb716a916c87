"""What every test may ask for: above all a real PostgreSQL."""

import os
import shutil
from collections.abc import Iterator

import pytest

from plimsoll.postgres import embedded
from tests.early import DATA


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start the embedded server for the suite, unless PLIMSOLL_TEST_DATABASE_URL names another."""
    if os.environ.get("PLIMSOLL_TEST_DATABASE_URL"):
        yield
        return
    # The suite's database need not survive a power cut.
    server = embedded.start(DATA, options=("-c", "fsync=off"))
    yield
    embedded.stop(server)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)
