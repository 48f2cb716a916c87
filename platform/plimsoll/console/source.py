"""`plimsoll source add`."""

import argparse
import json

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.errors import BadSetting


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("source", help="set up senders of webhooks")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="set a sender up and print the path it has to post to, alone, on stdout")
    add.add_argument("provider", metavar="PROVIDER", help="such as github, alertmanager or generic")
    add.add_argument("name", metavar="NAME", help="what the source is called, as shown in lists")
    add.add_argument(
        "--secret",
        metavar="S",
        help="the secret that the sender signs with, or sends; only senders that have a token can do without",
    )
    add.add_argument("--settings", metavar="JSON", default="{}", help='such as \'{"default_environment": "prod"}\'')
    add.add_argument("--team", metavar="T", help="the slug of the team that owns the source")
    add_settings(add, "--data")
    add.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make a source and print its path, alone, on stdout."""
    apply_settings(options)
    settings = _settings(options.settings)
    with database.available("source add"):
        from plimsoll.store.audit import COMMAND_LINE
        from plimsoll.store.settings.sources import make_source
        from plimsoll.store.teams import team_named

        team = team_named(options.team) if options.team else None
        source = make_source(COMMAND_LINE, options.provider, options.name, options.secret or "", settings, team)
        path = f"/hooks/{source.provider}/{source.public_id}"
    print(path)
    return 0


def _settings(text: str) -> dict[str, object]:
    try:
        settings = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"--settings is not JSON: {error}.") from error
    if not isinstance(settings, dict):
        raise BadSetting('--settings must be a JSON object, such as {"default_environment": "prod"}.')
    return settings
