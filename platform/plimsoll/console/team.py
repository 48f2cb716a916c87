"""`plimsoll team add`."""

import argparse

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("team", help="add teams, which own sources and their services")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add a team and print its slug, alone, on stdout")
    add.add_argument("slug", metavar="SLUG", help="what the team is called in addresses and options, such as payments")
    add.add_argument("--name", metavar="N", help="what people call it; default: the slug with a capital")
    add_settings(add, "--data")
    add.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Add a team and print its slug, alone, on stdout."""
    apply_settings(options)
    with database.available("team add"):
        from plimsoll.store.audit import COMMAND_LINE
        from plimsoll.store.settings.teams import make_team

        team = make_team(COMMAND_LINE, options.slug, options.name or options.slug.capitalize())
        print(team.slug)
    return 0
