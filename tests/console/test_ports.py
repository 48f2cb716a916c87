"""The sockets that the web process listens on."""

import asyncio
import socket

from plimsoll.console import ports
from plimsoll.env import Address


async def is_undelayed(listener: socket.socket) -> bool:
    """Connect to a listening socket, and return whether asyncio sends what it writes at once."""
    seen: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()

    served: list[asyncio.StreamWriter] = []

    def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result(writer.get_extra_info("socket"))
        served.append(writer)

    async with await asyncio.start_server(serve, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        option = (await seen).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for each in (writer, *served):
            each.close()
            await each.wait_closed()
    return option != 0


def test_answers_leave_at_once_and_do_not_wait_for_fuller_packets() -> None:
    (listener,) = ports.listening("PLIMSOLL_WEB", Address("127.0.0.1", 0))

    assert asyncio.run(is_undelayed(listener))
