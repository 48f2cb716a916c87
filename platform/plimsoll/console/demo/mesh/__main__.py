"""Runs the live mesh until SIGTERM, or until its parent is gone: `python -m plimsoll.console.demo.mesh`."""

import argparse
import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from plimsoll.console.demo import state
from plimsoll.console.demo.mesh.live import Mesh
from plimsoll.console.demo.mesh.pace import Pace
from plimsoll.env import parse_address
from plimsoll.errors import PlimsollError
from plimsoll.postgres import lifeline


def main() -> None:
    """Send until told to stop; there is nothing to finish, so stopping is immediate."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    lifeline.hold()
    options = _options()
    memory = state.read(options.state)
    if memory is None:
        raise PlimsollError(f"There is no demo in {options.state.parent}; start one with `plimsoll demo`.")
    pace = Pace(options.rate, options.canary_every)
    web, otlp = parse_address(options.web, "--web"), parse_address(options.otlp_grpc, "--otlp-grpc")
    asyncio.run(_run(lambda: Mesh(memory, web, otlp, pace, options.state.with_name("canary.json"))))


async def _run(mesh: Callable[[], Mesh]) -> None:
    # gRPC's channels belong to the loop in which they are made.
    await mesh().run()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m plimsoll.console.demo.mesh", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, metavar="FILE", help="what the demo remembers")
    parser.add_argument("--web", required=True, metavar="HOST:PORT", help="where webhooks go")
    parser.add_argument("--otlp-grpc", required=True, metavar="HOST:PORT", help="where OTLP over gRPC goes")
    parser.add_argument("--rate", type=float, default=Pace().spans_per_s, help="spans a second")
    parser.add_argument("--canary-every", type=float, default=Pace().canary_every_s, help="seconds between canaries")
    return parser.parse_args()


if __name__ == "__main__":
    main()
