"""`plimsoll token new`."""

import argparse

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings

# As in `plimsoll.store.access`, which needs Django.
SCOPES = ("ingest", "read", "write", "admin")


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("token", help="make tokens for senders and readers")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a token and print it, alone, on stdout; it is shown only once")
    new.add_argument("name", metavar="NAME", help="what the token is for, as shown in lists")
    new.add_argument("--scope", choices=SCOPES, required=True, action="append", help="may be given several times")
    new.add_argument("--team", metavar="T", help="the slug of the team whose data the token may see")
    new.add_argument("--cluster", default="", help="the cluster of telemetry that does not name its own")
    new.add_argument("--environment", default="", help="the environment of telemetry that does not name its own")
    add_settings(new, "--data")
    new.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make a token and print it, alone, on stdout."""
    apply_settings(options)
    with database.available("token new"):
        from plimsoll.store.audit import COMMAND_LINE
        from plimsoll.store.settings.tokens import make_token
        from plimsoll.store.teams import team_named

        team = team_named(options.team) if options.team else None
        clear = make_token(COMMAND_LINE, options.name, options.scope, team, options.cluster, options.environment)
    print(clear)
    return 0
