"""`plimsoll service add`."""

import argparse
import json

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("service", help="name services before anything is seen of them")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="add a service and print its name, alone, on stdout")
    add.add_argument("name", metavar="NAME", help="as it is deployed, such as checkout")
    add.add_argument("--team", metavar="T", default="", help="the slug of the team that owns it")
    add.add_argument("--namespace", metavar="N", default="", help="its namespace, where the name alone is not enough")
    add.add_argument("--tier", metavar="T", default="", help="how much depends on it, such as critical")
    add.add_argument("--json", action="store_true", help="print JSON")
    add_settings(add, "--data")
    add.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Add a service and print its name, alone, on stdout."""
    apply_settings(options)
    with database.available("service add"):
        from plimsoll.store.audit import COMMAND_LINE
        from plimsoll.store.settings import services

        service = services.make_service(
            COMMAND_LINE, options.name, namespace=options.namespace, team=options.team, tier=options.tier
        )
    told = {
        "name": service.name,
        "namespace": service.namespace or None,
        "team": options.team or None,
        "tier": service.tier or None,
    }
    alone = f"{service.namespace}/{service.name}" if service.namespace else service.name
    print(json.dumps(told) if options.json else alone)
    return 0
