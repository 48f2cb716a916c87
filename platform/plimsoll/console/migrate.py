"""`plimsoll migrate`."""

import argparse

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("migrate", help="bring the database's schema up to date")
    parser.add_argument(
        "--first-link", action="store_true", help="print the link for the first person, too, while there is nobody"
    )
    add_settings(parser, "--data")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Migrate, and print the server's version and how many migrations it took."""
    apply_settings(options)
    with database.available("migrate", needs_schema=False):
        from plimsoll.store import migrated

        count = migrated.migrate()
        print(f"PostgreSQL {migrated.server_version()}")
        print(f"{count} migrations applied" if count else "up to date")
        if options.first_link:
            from plimsoll.store import passwords, people

            print("" if people.is_anybody() else passwords.first_link())
    return 0
