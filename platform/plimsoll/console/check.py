"""`plimsoll check`: test the installation end to end, and say how to mend what is wrong."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from plimsoll.console import FAILED, OK, checks, database
from plimsoll.console.findings import Finding, as_json, show, summary
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.console.screen import Screen
from plimsoll.errors import BadSetting, PlimsollError


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "check",
        help="test the installation end to end and say how to mend what is wrong",
        description="Looks at database, schema, ports, disk and clock, then sends a span and a signed webhook to the "
        "running server and waits until both are visible. They are of the services plimsoll-check and "
        "plimsoll-check-server in the environment plimsoll-check, which is no production. Its deployment, source and "
        "token are removed again; the two services, the environment, and the edge between the two with its minutes "
        "stay, for receivers remember the edges they know.",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--timeout", type=float, default=15.0, metavar="S", help="seconds to wait for each (15)")
    add_settings(parser, "--data", "--web", "--otlp-grpc")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check everything; exit code 1 when there is a problem."""
    apply_settings(options)
    screen = Screen()
    findings: list[Finding] = []
    with ExitStack() as stack:
        for finding in _findings(_looks(stack), options.timeout):
            findings.append(finding)
            if not options.json:
                show(finding, screen)
    screen.line(as_json(findings) if options.json else summary(findings))
    return FAILED if any(finding.state == "problem" for finding in findings) else OK


def _looks(stack: ExitStack) -> Sequence[Callable[[], Finding]]:
    """Return what there is to look at: without a database, that it is away, and what does without it."""
    try:
        stack.enter_context(database.available("check", needs_schema=False))
    except BadSetting:
        raise
    except PlimsollError as error:
        away = checks.away(error)
        database.set_up()
        return (lambda: away, *checks.WITHOUT_DATABASE)
    return checks.ALL


def _findings(looks: Sequence[Callable[[], Finding]], timeout_s: float) -> Iterator[Finding]:
    """Look at one part after the other; what is sent through needs all of them."""
    is_well = True
    for look in looks:
        finding = look()
        is_well = is_well and finding.state != "problem"
        yield finding
    if is_well:
        # It needs Django's models, and Django is set up by now.
        from plimsoll.console import roundtrip

        trips: tuple[Callable[[float], Finding], ...] = (roundtrip.span, roundtrip.webhook)
        for trip in trips:
            yield trip(timeout_s)
