"""What the tests of the API share."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from django.db import connection

from dashboards.api.limits import windows
from plimsoll.asgi import application


@pytest.fixture(autouse=True)
def _every_test_has_its_own_minute() -> Iterator[None]:
    windows.clear()
    yield
    windows.clear()


@pytest.fixture
def address() -> Iterator[str]:
    """A running server's address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def traffic(transactional_db: None) -> Iterator[None]:
    """Leave no minutes behind: they have no model, so the usual flush does not know them."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE edge_minute, node_minute")
