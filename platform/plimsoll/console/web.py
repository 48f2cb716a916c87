"""`plimsoll web`: pages, wallboard, REST and webhooks."""

import argparse
import contextlib
import gc
import resource
import signal
import socket
import threading
from types import FrameType
from typing import TYPE_CHECKING

from plimsoll.console import database, ports
from plimsoll.console.options import Subparsers, add_settings, apply_settings

if TYPE_CHECKING:
    import uvicorn

# What is being answered when the end comes gets this long.
_GRACE_S = 4


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("web", help="serve pages, API and webhooks alone, for containers")
    add_settings(parser, "--data", "--web")
    parser.set_defaults(run=run)


def _end_in_order(server: "uvicorn.Server") -> None:
    """Have signals ask the server to end, and be done with them then.

    uvicorn raises each signal again once it has ended, which by default would end the process then and there: not with
    exit code 0, and not with its database stopped.
    """

    def end(signum: int, frame: FrameType | None) -> None:
        server.should_exit = True

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)


def _server(config: "uvicorn.Config") -> "uvicorn.Server":
    """Return a server that ends its event streams when it is told to end; they would go on for ever."""
    import uvicorn

    from dashboards.live.asgi import hub

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            hub().end()
            await super().shutdown(sockets)

    return Server(config)


def _have_many_files() -> None:
    """Let this process open as many files as the system allows: each open page is one, and often only 1,024 are."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _leave_alone_what_stays() -> None:
    """Have the garbage collector go through what pages make, not again and again through the program itself.

    A page of thousands of figures makes so many objects that it would stop for the whole program in every other one,
    for 50 ms or more.
    """
    from django.urls import get_resolver

    # All that pages are made with, which the first one would load.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    apply_settings(options)
    with database.available("web", is_lasting=True):
        import uvicorn
        from django.conf import settings
        from django.db import connection

        connection.close()
        _have_many_files()
        config = uvicorn.Config(
            "plimsoll.asgi:application",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            # Forwarded addresses are believed from nobody (reliability, item 84).
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        # Before anybody can knock: who listens answers at once.
        config.load()
        _leave_alone_what_stays()
        from dashboards.pages.ahead import read_ahead

        threading.Thread(target=read_ahead, daemon=True).start()
        server = _server(config)
        _end_in_order(server)
        server.run(ports.listening("PLIMSOLL_WEB", settings.WEB))
        return 0 if server.started else 1
