"""`plimsoll catalog check`, and the catalog file at the start of `plimsoll up`."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll import env
from plimsoll.console.options import Subparsers
from plimsoll.errors import BadSetting

if TYPE_CHECKING:
    from plimsoll.store.catalog_file.entries import Entry

_PLURALS = {
    "team": "teams",
    "environment": "environments",
    "service": "services",
    "mark": "marks",
    "shift": "shifts",
}


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("catalog", help="look at catalog files: teams, services, marks and who is on call")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check",
        help="say everything that is wrong with a catalog file, without applying it",
        description="Needs no database. Each mistake is a line FILE:LINE:COLUMN: what is wrong; how to mend it. "
        "Exit code 0 when the file would be applied, 2 when it would be refused.",
    )
    check.add_argument("file", metavar="FILE", type=Path)
    check.add_argument("--json", action="store_true", help="print the result as JSON")
    check.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check a file; exit code 2 when it would be refused."""
    from plimsoll.console import OK, USAGE
    from plimsoll.store.catalog_file.entries import Refused
    from plimsoll.store.catalog_file.reading import read_file

    try:
        entries = read_file(options.file, env.time_zone("PLIMSOLL_TIME_ZONE", "UTC"))
    except Refused as refused:
        mistakes = [asdict(mistake) for mistake in refused.mistakes]
        print(_json(options.file, mistakes=mistakes) if options.json else refused)
        return USAGE
    counts = Counter(entry.kind for entry in entries)
    print(_json(options.file, entries=counts) if options.json else f"{options.file}: well, {_counted(entries)}")
    return OK


def read_at_start() -> str:
    """Return what the configured catalog file holds, in words; "" without one. Raises BadSetting when it is wrong."""
    path = env.file("PLIMSOLL_CATALOG")
    if path is None:
        return ""
    from plimsoll.store.catalog_file.entries import Refused
    from plimsoll.store.catalog_file.reading import read_file

    try:
        entries = read_file(path, env.time_zone("PLIMSOLL_TIME_ZONE", "UTC"))
    except Refused as refused:
        raise BadSetting(f"PLIMSOLL_CATALOG is wrong, and nothing was started.\n{refused}") from refused
    return f"{_counted(entries)}   {path}"


def _counted(entries: "Iterable[Entry]") -> str:
    counts: Counter[str] = Counter(entry.kind for entry in entries)
    words = [f"{counts[kind]} {kind if counts[kind] == 1 else plural}" for kind, plural in _PLURALS.items()]
    return ", ".join(word for word in words if not word.startswith("0 ")) or "nothing to manage"


def _json(path: Path, **found: object) -> str:
    return json.dumps({"file": str(path), "ok": "entries" in found, "mistakes": [], **found}, indent=2)
