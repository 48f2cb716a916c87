"""`plimsoll user add`, `link` and `list`."""

import argparse
import json
import sys

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.env import Address
from plimsoll.errors import BadSetting, PlimsollError

# As in `plimsoll.store.roles`.
ROLES = ("viewer", "member", "team_admin", "site_admin")


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("user", help="let people in, and help those who cannot sign in")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="let somebody in and print their one-time sign-in link, alone, on stdout")
    add.add_argument("name", metavar="NAME", help="what they sign in with, such as lin.yue")
    add.add_argument("--role", choices=ROLES, required=True, help="what they may do")
    add.add_argument("--team", metavar="T", help="the slug of the team that the role is in; without it: everywhere")
    add.add_argument(
        "--password-stdin", action="store_true", help="read their password from stdin, and print their name instead"
    )
    link = actions.add_parser("link", help="print a new one-time sign-in link for somebody, alone, on stdout")
    link.add_argument("name", metavar="NAME")
    listed = actions.add_parser("list", help="print who can sign in, with their roles")
    for each, run_it in ((add, run_add), (link, run_link), (listed, run_list)):
        each.add_argument("--json", action="store_true", help="print JSON")
        add_settings(each, "--data", "--web")
        each.set_defaults(run=run_it)


def run_add(options: argparse.Namespace) -> int:
    """Let somebody in."""
    apply_settings(options)
    password = _password() if options.password_stdin else None
    with database.available("user add"):
        from plimsoll.store import people
        from plimsoll.store.audit import COMMAND_LINE
        from plimsoll.store.teams import team_named

        team = team_named(options.team) if options.team else None
        made = people.add_person(COMMAND_LINE, options.name, options.role, team, password)
        link = "" if password else _link(made.id)
    told = {"name": made.name, "role": options.role, "team": options.team, "link": link or None}
    _tell(told, link or made.name, options.json)
    return 0


def run_link(options: argparse.Namespace) -> int:
    """Make a link for somebody."""
    apply_settings(options)
    with database.available("user link"):
        from plimsoll.store import people

        found = people.named(options.name)
        if found is None:
            raise PlimsollError(f"There is nobody called {options.name!r}; `plimsoll user list` shows who there is.")
        if not found.is_active:
            raise PlimsollError(f"{found.name} was turned away; let them in again under Settings, People.")
        link = _link(found.id)
    _tell({"name": found.name, "link": link}, link, options.json)
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Show who can sign in."""
    apply_settings(options)
    with database.available("user list"):
        from plimsoll.store import people

        everybody = people.people()
    rows = [
        {
            "name": each.name,
            "active": each.is_active,
            "last_sign_in": each.last_sign_in.isoformat() if each.last_sign_in else None,
            "roles": [{"role": role.role, "team": role.slug or None} for role in each.roles],
        }
        for each in everybody
    ]
    if options.json:
        print(json.dumps(rows))
        return 0
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("name", "roles", "last sign-in", box=None, pad_edge=False)
    for each in everybody:
        roles = ", ".join(f"{role.role}{f' of {role.slug}' if role.slug else ''}" for role in each.roles)
        last = f"{each.last_sign_in:%Y-%m-%d %H:%M} UTC" if each.last_sign_in else "never"
        table.add_row(Text(each.name), Text(roles or "none"), last if each.is_active else "turned away")
    Console().print(table)
    return 0


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadSetting("--password-stdin found no password on stdin; send it as the first line.")
    return password


def _link(user: int) -> str:
    """Return the address of a new one-time link, where this machine serves pages."""
    from django.conf import settings

    from plimsoll.store import passwords
    from plimsoll.store.audit import COMMAND_LINE

    web: Address = settings.WEB
    host = "localhost" if web.reachable.is_loopback else web.host
    return f"http://{Address(host, web.port)}{passwords.link_for(COMMAND_LINE, user)}"


def _tell(told: dict[str, object], alone: str, as_json: bool) -> None:
    """Print the result; what to do with a link is said on stderr."""
    print(json.dumps(told) if as_json else alone)
    if told.get("link") and not as_json:
        print("The link opens once, within a day. Seen from elsewhere, put your own address first.", file=sys.stderr)
