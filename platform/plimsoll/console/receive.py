"""`plimsoll receive`: the OTLP receiver."""

import argparse

from plimsoll.console import database, ports
from plimsoll.console.options import Subparsers, add_settings, apply_settings


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("receive", help="run the OTLP receiver alone, for containers")
    add_settings(parser, "--data", "--otlp-grpc")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Receive until SIGTERM or SIGINT."""
    apply_settings(options)
    with database.available("receive", is_lasting=True):
        from django.conf import settings
        from django.db import connection

        from ingest.otlp import server
        from plimsoll.console.presence import present

        connection.close()
        ports.require_free("PLIMSOLL_OTLP_GRPC", settings.OTLP_GRPC)
        with present("receiver"):
            return server.run(settings.OTLP_GRPC)
