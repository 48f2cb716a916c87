"""A list that shows its first rows, and all of them in the same place when the address asks so (`?suspects=all`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from dashboards.frame.page import Visit

Row = TypeVar("Row")
Other = TypeVar("Other")

_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Cut(Generic[Row]):
    """The rows that are shown; `rest` is how many there are beyond the first, shown or not.

    `query` leads to all of them, or back to the first.
    """

    name: str
    rows: Sequence[Row]
    rest: int
    is_all: bool
    query: str

    def drawn(self, rows: Sequence[Other]) -> "Cut[Other]":
        """Return the same list with its rows as they are drawn."""
        return Cut(self.name, rows, self.rest, self.is_all, self.query)


def cut(visit: Visit, name: str, rows: Sequence[Row], most: int) -> Cut[Row]:
    """Return the first rows, or all where the address has `name=all`."""
    is_all = visit.knows(name, visit.request.GET.get(name, ""), (_ALL,))
    query = visit.filters.query(**{name: None if is_all else _ALL})
    return Cut(name, rows if is_all else rows[:most], max(0, len(rows) - most), is_all, query)
