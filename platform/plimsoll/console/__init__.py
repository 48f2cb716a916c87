"""The commands of `plimsoll`, one file each.

A command's module has `add_parser(subparsers)`, which sets `run` on its parser, and `run(options) -> int`. It is
imported only when its command is called, and leaves Django and everything heavy to `run`: `plimsoll up` starts fast.
"""

import argparse
import sys
from importlib import import_module

import plimsoll
from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import lifeline

OK, FAILED, USAGE = 0, 1, 2

COMMANDS = {
    "up": "plimsoll.console.up",
    "demo": "plimsoll.console.demo",
    "check": "plimsoll.console.check",
    "drain": "plimsoll.console.drain",
    "token": "plimsoll.console.token",
    "source": "plimsoll.console.source",
    "team": "plimsoll.console.team",
    "user": "plimsoll.console.user",
    "service": "plimsoll.console.service",
    "catalog": "plimsoll.console.catalog",
    "snippet": "plimsoll.console.snippet",
    "metrics": "plimsoll.console.metrics",
    "receive": "plimsoll.console.receive",
    "web": "plimsoll.console.web",
    "work": "plimsoll.console.work",
    "migrate": "plimsoll.console.migrate",
    "bench": "plimsoll.console.bench",
    "pictures": "plimsoll.console.pictures",
    "version": "plimsoll.console.version",
}


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code: 0 well, 1 failed, 2 called or set up wrongly.

    What can be explained is one line on stderr.
    """
    lifeline.hold()
    try:
        options = _parser(arguments).parse_args(arguments)
        code = options.run(options)
        assert isinstance(code, int)
        return code
    except PlimsollError as error:
        # Without words when a child process has found them already.
        if str(error):
            print(f"plimsoll: {error}", file=sys.stderr)
        return USAGE if isinstance(error, BadSetting) else FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the result has seen enough of it; Python must not complain about it at exit.
        sys.stdout = None
        return OK


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """Return the parser with the one command that is called, or with all of them for the help."""
    parser = argparse.ArgumentParser(
        prog="plimsoll",
        description="Delivery metrics and a live dependency map, read from your service mesh and your CI.",
    )
    parser.add_argument("--version", action="version", version=f"Plimsoll {plimsoll.__version__}")
    called = arguments[0] if arguments and arguments[0] in COMMANDS else None
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [called] if called else COMMANDS:
        import_module(COMMANDS[name]).add_parser(subparsers)
    return parser
