"""`plimsoll drain`: wait until all that was accepted is visible.

Telemetry is visible when it is acknowledged. A delivery is visible when the transaction that made it so has committed,
and that is the one in which it stops being pending; what the worker has in hand is pending still. So nothing pending,
and then nobody normalising, is exact for all deliveries accepted before the call.
"""

import argparse
import sys
import time

from plimsoll.console import FAILED, OK, database
from plimsoll.console.options import Subparsers, add_settings, apply_settings

_EVERY_S = 0.1


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("drain", help="wait until all that was accepted is visible")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds to wait (60)")
    add_settings(parser, "--data")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Wait; exit code 1 when the time is over first."""
    apply_settings(options)
    with database.available("drain"):
        from plimsoll import jobs
        from plimsoll.store import requests

        deadline = time.monotonic() + options.timeout
        if requests.deliveries_pending():
            # Whoever was asked before may have died of it, and until the schedule comes round nobody else is asked.
            requests.take("normalise")
            jobs.ask("normalise")
        # In this order: a delivery may be in the hands of a run that was under way when it stopped being pending.
        while requests.deliveries_pending() or jobs.is_running("normalise"):
            if time.monotonic() >= deadline:
                print(
                    f"plimsoll: {requests.deliveries_pending()} deliveries are still pending after "
                    f"{options.timeout:g} s; see whether the worker runs: plimsoll check",
                    file=sys.stderr,
                )
                return FAILED
            time.sleep(_EVERY_S)
    return OK
