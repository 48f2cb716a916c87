"""`plimsoll version`."""

import argparse

import plimsoll
from plimsoll.console.options import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("version", help="print the version")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the version, alone, on stdout."""
    print(plimsoll.__version__)
    return 0
