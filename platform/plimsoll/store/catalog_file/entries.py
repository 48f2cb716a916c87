"""What a catalog file says, and what is wrong with one that says it badly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from plimsoll.errors import BadSetting

Kind = Literal["organisation", "team", "environment", "service", "mark", "shift"]

# Whoever has more mistakes than this has made one mistake often.
MOST_MISTAKES = 20


class ServiceKey(NamedTuple):
    """How the file calls a service; without a namespace it is the only one of its name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the file manages: its `key` among its kind, and the fields that the file speaks of.

    `team`, `service` and `client` are what a mark or a shift belongs to, a service's owner is among its fields.
    """

    kind: Kind
    key: str
    fields: Mapping[str, str | float] = field(default_factory=dict)
    team: str = ""
    service: ServiceKey | None = None
    client: ServiceKey | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """Something wrong at a place in the file (both counted from 1), and how to mend it."""

    line: int
    column: int
    text: str
    mend: str


class Refused(BadSetting):
    """The file is wrong, so nothing of it counts; the message has a line for each mistake, up to twenty."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        lines = [f"{name}:{each.line}:{each.column}: {each.text}; {each.mend}" for each in self.mistakes]
        if len(lines) > MOST_MISTAKES:
            left = len(lines) - MOST_MISTAKES
            lines = [*lines[:MOST_MISTAKES], f"{name}: and {left} more {'mistake' if left == 1 else 'mistakes'}"]
        super().__init__("\n".join(lines))
