"""What every test may ask for: above all a real PostgreSQL."""

import os
import shutil
from collections.abc import Iterator

import pytest

from dashboards.static_files import collect
from plimsoll.console import folder
from plimsoll.postgres import embedded
from tests.early import DATA
from tests.flush import flush_by_deleting

flush_by_deleting()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start the embedded server for the suite, unless PLIMSOLL_TEST_DATABASE_URL names another."""
    if os.environ.get("PLIMSOLL_TEST_DATABASE_URL"):
        yield
        return
    # As `up` would hold it: a command that a test calls uses this server and does not start its own.
    with folder.locked(DATA, "tests", is_lasting=True):
        # The suite's database need not survive a power cut.
        server = embedded.start(DATA, options=("-c", "fsync=off"))
        yield
        embedded.stop(server)


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Collect what pages refer to by its hashed name, as the web process does when it starts."""
    collect()


@pytest.fixture(autouse=True)
def _no_panel_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A page answers though a panel of it fails, so its tests would pass; who expects one clears the log."""
    yield
    failures = [each for each in caplog.get_records("call") if each.name == "dashboards.frame.panels"]
    assert not failures, "\n".join(str(each.exc_info) for each in failures)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)
