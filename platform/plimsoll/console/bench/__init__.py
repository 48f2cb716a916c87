"""`plimsoll bench`: measurements that anybody can repeat."""

import argparse

from plimsoll import env
from plimsoll.console.options import Subparsers, add_settings, apply_settings

SIZES = (1, 64, 512, 8192)


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("bench", help="measure this machine with this version")
    what = parser.add_subparsers(title="what to measure", metavar="WHAT", required=True)
    ingest = what.add_parser("ingest", help="OTLP over gRPC, to the durable answer, on a database of its own")
    ingest.add_argument("--json", action="store_true", help="print JSON instead of a table")
    ingest.add_argument(
        "--seconds", type=_positive, default=3.0, metavar="S", help="how long to send requests of each size (3)"
    )
    ingest.add_argument(
        "--items", type=int, default=131_072, metavar="N", help="the most spans or points to send of each size (131072)"
    )
    ingest.set_defaults(run=run)
    mesh = what.add_parser("mesh", help="send a mesh of any size to a running receiver, to look at its map")
    mesh.add_argument("--services", type=_services, default=300, metavar="N", help="how large: 12 to 5,000 (300)")
    mesh.add_argument("--minutes", type=_minutes, default=15, metavar="M", help="how many minutes up to now (15)")
    mesh.add_argument("--environment", default="production", metavar="E", help="where it says it runs (production)")
    add_settings(mesh, "--otlp-grpc")
    mesh.set_defaults(run=run_mesh)


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table or JSON on stdout."""
    from plimsoll.console.bench import figures, measuring

    report = measuring.measured(SIZES, options.seconds, max(options.items, 1))
    print(figures.as_json(report)) if options.json else figures.show(report)
    return 0


def run_mesh(options: argparse.Namespace) -> int:
    """Send a mesh, and print what was sent."""
    from plimsoll.console.bench import meshes

    apply_settings(options)
    receiver = env.address("PLIMSOLL_OTLP_GRPC", "127.0.0.1:4317").reachable
    print(meshes.sent(options.services, receiver, options.minutes, options.environment))
    return 0


def _services(text: str) -> int:
    return _between(text, 12, 5_000)


def _minutes(text: str) -> int:
    return _between(text, 1, 60)


def _between(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be a number from {least} to {most:,}")
    return int(text)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 60:
        raise argparse.ArgumentTypeError("must be above 0 and at most 60")
    return value
