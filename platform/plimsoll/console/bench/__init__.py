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
    pages = what.add_parser("pages", help="each page, with a company of any size in a database of its own")
    pages.add_argument("--services", type=_services, default=500, metavar="N", help="how many services (500)")
    pages.add_argument("--edges", type=_count, default=2_000, metavar="N", help="how many call each other (2000)")
    pages.add_argument("--deployments", type=_count, default=100_000, metavar="N", help="in 90 days (100000)")
    pages.add_argument("--times", type=_count, default=30, metavar="N", help="how often each page is asked for (30)")
    pages.add_argument(
        "--only", type=_page, nargs="+", default=(), metavar="PAGE", help="these alone, by their names in the table"
    )
    pages.add_argument("--json", action="store_true", help="print JSON instead of a table")
    pages.set_defaults(run=run_pages)
    live = what.add_parser("live", help="many open pages that listen, and what they cost other requests")
    live.add_argument("--streams", type=_count, default=1_000, metavar="N", help="how many pages (1000)")
    live.add_argument("--json", action="store_true", help="print JSON instead of a table")
    live.set_defaults(run=run_live)


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


def run_pages(options: argparse.Namespace) -> int:
    """Measure every page, and print a table or JSON on stdout."""
    from plimsoll.console.bench import pages, pages_figures

    size = {name: getattr(options, name) for name in ("services", "edges", "deployments")}
    health, measured = pages.measured(**size, times=options.times, only=options.only)
    print(pages_figures.as_json(size, health, measured)) if options.json else pages_figures.show(health, measured)
    return 0


def run_live(options: argparse.Namespace) -> int:
    """Measure many open pages, and print a table or JSON on stdout."""
    from plimsoll.console.bench import pages_figures, pages_live

    report = pages_live.measured(options.streams)
    print(pages_figures.live_json(report)) if options.json else pages_figures.show_live(report)
    return 0


def _count(text: str) -> int:
    return _between(text, 1, 1_000_000)


def _services(text: str) -> int:
    return _between(text, 12, 5_000)


def _page(text: str) -> str:
    from plimsoll.console.bench.pages_places import BUDGETS

    if text not in BUDGETS:
        raise argparse.ArgumentTypeError(f"“{text}” is none of the pages: {', '.join(BUDGETS)}")
    return text


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
