"""One browser, one server and one set of rows at a time, for as many looks as possible."""

import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from dashboards.live.asgi import hub
from dashboards.wallboard import measures
from plimsoll.asgi import application
from plimsoll.insight.dora import kept
from plimsoll.store.models import Membership
from tests.browser import states
from tests.browser.browser import Browser, is_missing


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        hub().end()
        await super().shutdown(sockets)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running browser."""
    if is_missing():
        pytest.skip("no Chromium on this machine")
    found = Browser()
    yield found
    found.close()


@pytest.fixture(scope="session")
def server(django_db_setup: None, _static_files: None) -> Iterator[str]:
    """The address of a server on the tests' database, whose visitors may look at everything."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = _Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture(scope="module")
def _open_to_visitors() -> Iterator[None]:
    before = settings.VIEWER_ON_LOOPBACK
    settings.VIEWER_ON_LOOPBACK = True
    yield
    settings.VIEWER_ON_LOOPBACK = before


@pytest.fixture(scope="module")
def rows(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """Somebody who may do everything, signed in to an installation with the rows of a state; committed, so that a
    server sees them, and kept for all tests that are about that state.
    """
    with django_db_blocker.unblock():
        states.STATES[request.param]()
        try:
            yield signed_in()
        finally:
            states.empty()
            connection.close()


def signed_in() -> Client:
    """Return somebody who may do everything."""
    user = User.objects.create_user("lin", password="not used here")
    Membership.objects.create(user=user, role="site_admin")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pictures of pages are kept in: PLIMSOLL_PICTURES, or pytest's own."""
    folder = Path(PICTURES) if (PICTURES := _PICTURES) else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


_PICTURES = os.environ.get("PLIMSOLL_PICTURES", "")


def picture_name(*parts: str) -> str:
    """Return the name of a picture: page, state, theme and language."""
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part).strip("_") for part in parts) + ".png"


@pytest.fixture
def _as_new() -> Iterator[None]:
    """Forget what the wallboard has read before."""
    kept.forget()
    measures.forget()
    yield
    kept.forget()
    measures.forget()
