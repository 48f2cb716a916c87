"""`plimsoll bench`: measurements that anybody can repeat."""

import argparse

from plimsoll.console.options import Subparsers

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


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table or JSON on stdout."""
    from plimsoll.console.bench import figures, measuring

    report = measuring.measured(SIZES, options.seconds, max(options.items, 1))
    print(figures.as_json(report)) if options.json else figures.show(report)
    return 0


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 60:
        raise argparse.ArgumentTypeError("must be above 0 and at most 60")
    return value
