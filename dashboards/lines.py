"""How much text fits on a board that never scrolls."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def lines(text: str, width: int) -> int:
    """Return how many lines a text takes where a line holds `width` Latin letters; a Chinese one is as wide as two."""
    taken = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return max(1, -(-taken // width))


def shown(heights: Sequence[int], room: int, *, rest: int = 1) -> int:
    """Return how many of the first items fit into `room` lines, at least one.

    When not all of them do, `rest` lines are kept for saying how many more there are.
    """
    if sum(heights) <= room:
        return len(heights)
    fitting, used = 0, rest
    for height in heights:
        used += height
        if used > room:
            break
        fitting += 1
    return max(1, fitting)
