"""What a person in front of a terminal sees: one line a part, in colour where colour is wanted."""

import os
import sys
from typing import Literal, TextIO

Mark = Literal["well", "waiting", "trouble"]

_SIGNS = {"well": ("●", "32"), "waiting": ("◆", "33"), "trouble": ("▲", "31")}


def has_colour(stream: TextIO) -> bool:
    """Whether to write in colour: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def part_line(mark: Mark, part: str, text: str, stream: TextIO) -> str:
    """Return the line about a part, such as ` ● web        http://localhost:8000`."""
    sign, colour = _SIGNS[mark]
    if has_colour(stream):
        sign = f"\x1b[{colour}m{sign}\x1b[0m"
    return f" {sign} {part:<10} {text}"


class Screen:
    """Lines on stdout. A reader that goes away does not end the one who writes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def line(self, text: str) -> None:
        """Show a line at once."""
        try:
            print(text, file=self._stream, flush=True)
        except UnicodeEncodeError:
            print(text.encode("ascii", "replace").decode(), file=self._stream, flush=True)
        except BrokenPipeError:
            self._stream = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
        except OSError:
            # A terminal that was closed.
            pass

    def part(self, mark: Mark, part: str, text: str) -> None:
        """Show a line about a part."""
        self.line(part_line(mark, part, text, self._stream))
