"""The command `plimsoll`."""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from plimsoll.console import run

    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
