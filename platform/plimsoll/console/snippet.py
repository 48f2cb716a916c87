"""`plimsoll snippet`: what a tool needs to send to this server, alone, on stdout."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.errors import BadSetting

if TYPE_CHECKING:
    from plimsoll.setup.addresses import Endpoint

# As in `plimsoll.setup.snippets`.
_TELEMETRY = ("istio", "linkerd", "collector", "envoy", "sdk")
_WEBHOOKS = ("github", "gitlab", "jenkins", "argo", "curl", "alertmanager", "incident")
NAMES = (*_TELEMETRY, *_WEBHOOKS)


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "snippet",
        help="print what a mesh, a collector or a CI needs to send here, alone, on stdout",
        description="The snippet has this server's own address. What it does not know keeps its place: <token>, "
        "<secret>, <hook>.",
    )
    parser.add_argument("name", metavar="NAME", choices=NAMES, help=", ".join(NAMES))
    parser.add_argument("--token", metavar="T", default="", help="the token to fill in")
    parser.add_argument("--new-token", action="store_true", help="make a token and fill it in")
    parser.add_argument("--new-source", action="store_true", help="make a source of webhooks and fill in its address")
    parser.add_argument("--host", metavar="H", default="", help="the name by which the sender knows this machine")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_settings(parser, "--data", "--web", "--otlp-grpc")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a snippet; what there is to say about it goes to stderr."""
    apply_settings(options)
    if options.token and options.new_token:
        raise BadSetting("Give --token or --new-token, not both.")
    with database.available("snippet"):
        from plimsoll.setup import snippets

        snippet = snippets.ALL[options.name]
        text = _telemetry(options) if snippet.way == "otlp" else _webhook(options)
    told = {"name": snippet.name, "title": snippet.title, "file": snippet.file, "text": text}
    print(json.dumps(told) + "\n" if options.json else text, end="")
    return 0


def _telemetry(options: argparse.Namespace) -> str:
    from django.conf import settings

    from plimsoll.setup import snippets
    from plimsoll.setup.addresses import endpoint
    from plimsoll.store.audit import COMMAND_LINE
    from plimsoll.store.settings.tokens import make_token

    if options.new_source:
        raise BadSetting(f"--new-source is for webhooks: {', '.join(_WEBHOOKS)}.")
    receiver = endpoint(settings.OTLP_GRPC, options.host)
    _warn(receiver)
    token = make_token(COMMAND_LINE, options.name, ["ingest"]) if options.new_token else options.token
    return snippets.for_telemetry(options.name, receiver, token)


def _warn(receiver: "Endpoint") -> None:
    if receiver.reach == "here":
        print(
            f"plimsoll: {receiver.address} is reached from this machine alone. To receive from elsewhere, start with "
            f"--otlp-grpc 0.0.0.0:{receiver.address.port}, and give --host here.",
            file=sys.stderr,
        )


def _webhook(options: argparse.Namespace) -> str:
    import secrets

    from django.conf import settings

    from plimsoll.env import Address
    from plimsoll.setup import snippets
    from plimsoll.setup.addresses import endpoint
    from plimsoll.store import senders
    from plimsoll.store.audit import COMMAND_LINE
    from plimsoll.store.settings.sources import make_source
    from plimsoll.store.settings.tokens import make_token

    provider = snippets.ALL[options.name].provider
    takes_token = senders.senders()[provider].accepts_token
    if options.new_token and not takes_token:
        raise BadSetting(f"A sender of {provider} has a secret, no token; --new-source makes both address and secret.")
    hook, secret = "", ""
    if options.new_source:
        secret = "" if takes_token else secrets.token_urlsafe(24)
        source = make_source(COMMAND_LINE, provider, f"{options.name}-{secrets.token_hex(3)}", secret, {}, None)
        web = endpoint(settings.WEB, options.host)
        where = web.address if options.host or not web.address.is_loopback else Address("localhost", web.address.port)
        hook = f"http://{where}/hooks/{source.provider}/{source.public_id}"
    token = make_token(COMMAND_LINE, options.name, ["write"]) if options.new_token else options.token
    return snippets.for_webhooks(options.name, hook, secret=secret, token=token)
