"""How a figure stands to its mark: in shape, word and colour (ux, section 1, rule 5)."""

from collections.abc import Iterable
from typing import Final, Literal

from plimsoll.store.marks import DIRECTIONS

Status = Literal["ok", "warn", "bad", "unk"]

# The worst first.
GRAVITY: Final[tuple[Status, ...]] = ("bad", "warn", "ok", "unk")
# A figure that uses up more than this part of what its mark allows is near it.
NEAR: Final = 0.8


def status(value: float | None, mark: float | None, metric: str) -> Status:
    """Return whether the figure is well (`ok`), near its mark, over it (`bad`), or unknown.

    "Over" is the wrong side: above a limit, or below a goal such as the deployment frequency's. On it is not over.
    """
    if value is None or mark is None:
        return "unk"
    if DIRECTIONS[metric] == "at_least":
        return "bad" if value < mark else "warn" if value * NEAR < mark else "ok"
    return "bad" if value > mark else "warn" if value > mark * NEAR else "ok"


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst; what is unknown says nothing beside what is known."""
    return min(statuses, key=GRAVITY.index, default="unk")
