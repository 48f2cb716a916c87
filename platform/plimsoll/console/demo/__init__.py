"""`plimsoll demo`: `up` in a folder of its own, with a little company that talks to it through the front doors."""

import argparse
import os

from plimsoll.console.demo import state
from plimsoll.console.demo.mesh.pace import Pace
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.console.supervisor import Part, Supervisor
from plimsoll.errors import BadSetting

SEED, DAYS = 1, 90
_MOST_DAYS = 365


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("demo", help="try it out: a little company with a past and live traffic")
    add_settings(parser, "--data", "--web", "--otlp-grpc")
    parser.add_argument("--seed", type=int, metavar="N", help=f"which company and past ({SEED})")
    parser.add_argument("--days", type=int, metavar="D", help=f"days of history, 1 to {_MOST_DAYS} ({DAYS})")
    parser.add_argument("--rate", type=float, default=Pace().spans_per_s, metavar="R", help="spans a second (300)")
    parser.add_argument(
        "--canary-every", type=float, default=Pace().canary_every_s, metavar="S", help="seconds between canaries (240)"
    )
    parser.add_argument("--no-live", action="store_true", help="load the history and send no live traffic")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the demo until SIGTERM or SIGINT."""
    apply_settings(options)
    # The demo has a folder of its own, and its visitors are signed in as viewers (architecture, section 5).
    os.environ.setdefault("PLIMSOLL_DATA", "./plimsoll-demo")
    os.environ["PLIMSOLL_VIEWER"] = "loopback"
    from plimsoll.console import database, up

    _check(options, state.read(state.file_of(database.data_folder())))
    return up.serve("demo", when_ready=lambda supervisor: _tell(supervisor, options))


def _check(options: argparse.Namespace, memory: state.State | None) -> None:
    """Raise BadSetting for numbers that make no sense, or that differ from those the folder's demo began with."""
    if options.days is not None and not 1 <= options.days <= _MOST_DAYS:
        raise BadSetting(f"--days {options.days} is not between 1 and {_MOST_DAYS}.")
    if not 0 <= options.rate <= 10_000:
        raise BadSetting(f"--rate {options.rate:g} is not between 0 and 10000 spans a second.")
    if options.canary_every < 0:
        raise BadSetting("--canary-every is a number of seconds, 0 for no canaries.")
    for flag, wanted, began in (
        ("--seed", options.seed, memory.seed if memory else None),
        ("--days", options.days, memory.days if memory else None),
    ):
        if wanted is not None and began is not None and wanted != began:
            raise BadSetting(
                f"The demo in this folder began with {flag} {began}; leave {flag} out, or choose another --data."
            )


def _tell(supervisor: Supervisor, options: argparse.Namespace) -> None:
    """Have the history loaded, then show where to look and let the mesh begin."""
    seed = SEED if options.seed is None else options.seed
    days = DAYS if options.days is None else options.days
    supervisor.add(
        Part(
            "history",
            ["--seed", str(seed), "--days", str(days)],
            module="plimsoll.console.demo.load",
            is_ready=lambda: False,
            is_once=True,
            when_done=lambda supervisor: _go_live(supervisor, options),
        )
    )


def _go_live(supervisor: Supervisor, options: argparse.Namespace) -> None:
    from plimsoll.console import database
    from plimsoll.env import Address, address

    web, grpc = (address(setting, "") for setting in ("PLIMSOLL_WEB", "PLIMSOLL_OTLP_GRPC"))
    memory = state.file_of(database.data_folder())
    if not options.no_live:
        arguments = ["--state", str(memory), "--web", str(web.reachable)]
        arguments += ["--otlp-grpc", str(grpc.reachable)]
        arguments += ["--rate", str(options.rate), "--canary-every", str(options.canary_every)]
        about = f"{options.rate:g} spans/s from three clusters"
        if options.canary_every:
            about += f", a failing canary every {options.canary_every:g} s"
        supervisor.add(Part("mesh", arguments, module="plimsoll.console.demo.mesh"))
        # Shown here and not when it is ready, so that `ready` is the last line.
        supervisor.screen.part("well", "mesh", about)
    host = "localhost" if web.reachable.is_loopback else web.host
    supervisor.screen.part("well", "wall", f"http://{Address(host, web.port)}/wall/all/")
    supervisor.screen.line("ready")
