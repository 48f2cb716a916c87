"""`plimsoll source add`."""

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.errors import BadSetting

if TYPE_CHECKING:
    from ingest.webhooks.provider import Provider


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
        from ingest.webhooks import providers
        from plimsoll.store.sources import add_source
        from plimsoll.store.teams import team_named

        if options.provider not in providers():
            raise BadSetting(f"{options.provider!r} is not a provider; it is one of {', '.join(sorted(providers()))}.")
        _check(providers()[options.provider], options.secret, settings)
        team = team_named(options.team) if options.team else None
        source = add_source(options.provider, options.name, secret=options.secret, settings=settings, team=team)
        path = f"/hooks/{source.provider}/{source.public_id}"
    print(path)
    return 0


def _check(provider: "Provider", secret: str | None, settings: Mapping[str, object]) -> None:
    """Refuse settings that nobody reads, and a source that nobody can send to."""
    from ingest.webhooks.provider import COMMON_SETTINGS

    known = provider.settings | COMMON_SETTINGS
    if unknown := sorted(settings.keys() - known):
        raise BadSetting(
            f"--settings: a source of {provider.name} does not know {', '.join(map(repr, unknown))}, but "
            f"{', '.join(sorted(known))}."
        )
    if not (secret or provider.accepts_token or settings.get("allow_unsigned") is True):
        raise BadSetting(
            f"A source of {provider.name} without --secret answers 401 to everybody; give it the secret that the "
            "sender has, or let anybody in with --settings '{\"allow_unsigned\": true}'."
        )


def _settings(text: str) -> dict[str, object]:
    try:
        settings = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"--settings is not JSON: {error}.") from error
    if not isinstance(settings, dict):
        raise BadSetting('--settings must be a JSON object, such as {"default_environment": "prod"}.')
    return settings
