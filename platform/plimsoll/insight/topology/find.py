"""The find box: words and terms such as `ns:payments err>1 p95>350ms cluster:aws-1 new`, read and matched.

All terms must hold. Of a key that is given twice either value will do (`ns:payments ns:permits`), a minus in front
turns a term round (`-kind:external`), and quotes keep spaces or an odd word together (`"new"` is a name). An edge
matches with the names of either end and its own figures. What is unknown is neither over nor under a limit.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, Protocol

Figure = Literal["err", "p50", "p95", "p99", "rate"]
Way = Literal["<", "<=", ">", ">="]

# A query is typed by a person; what is longer was not.
MOST_CHARACTERS: Final = 200
KEYS: Final = ("ns", "cluster", "team", "kind", "service")
FIGURES: Final[tuple[Figure, ...]] = ("err", "p50", "p95", "p99", "rate")
FLAGS: Final = ("new", "gone", "idle")

_PIECES: Final = re.compile(r'-?(?:[a-z]+:)?"[^"]*"|\S+', re.IGNORECASE)
_LIMIT: Final = re.compile(r"(?P<figure>[a-z0-9_]+)(?P<way><=|>=|<|>|=)(?P<value>.*)", re.IGNORECASE)
_VALUE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([a-z%/]*)", re.IGNORECASE)
# What one of a unit is in the figure's own unit: ratios, milliseconds, requests a second.
_TIMES: Final = {"": 1.0, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "min": 60_000.0}
_UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "err": {"": 0.01, "%": 0.01},
    "p50": _TIMES,
    "p95": _TIMES,
    "p99": _TIMES,
    "rate": {"": 1.0, "/s": 1.0, "/m": 1 / 60, "/min": 1 / 60, "k": 1000.0, "k/s": 1000.0},
}
_COMPARED: Final[Mapping[Way, Callable[[float, float], bool]]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


class Fault(StrEnum):
    """What is wrong with a term."""

    KEY = "key"
    FIGURE = "figure"
    WAY = "way"
    VALUE = "value"
    UNIT = "unit"
    EMPTY = "empty"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Problem:
    """A term that was left out, and why; `choices` is what would have been understood there."""

    term: str
    fault: Fault
    choices: tuple[str, ...] = ()


class Place(Protocol):
    """A vertex of the map, as far as it is looked for."""

    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def service(self) -> str | None: ...
    @property
    def team(self) -> str | None: ...
    @property
    def clusters(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a node or an edge; None is unknown. `flags` is which of new, gone and idle it is."""

    rate: float | None = None
    err: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure beside a value in its own unit: err in ratios, latencies in ms, rate in requests a second."""

    figure: Figure
    way: Way
    value: float
    negated: bool = False

    def holds(self, measured: Measured) -> bool:
        """Whether the figure is known and on this side of the limit (on the other one when negated)."""
        value: float | None = getattr(measured, self.figure)
        return value is not None and _COMPARED[self.way](value, self.value) != self.negated


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    flags: frozenset[str] = frozenset()
    not_flags: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        asked = (self.words, self.not_words, self.texts, self.not_texts, self.limits, self.flags, self.not_flags)
        return any(asked)

    def matches(self, measured: Measured, *places: Place) -> bool:
        """Whether a node (one place), or an edge (its two ends), is what is looked for.

        An edge is, as soon as one of its ends has all the names; none may have a name that is not wanted.
        """
        return (
            self._figures_match(measured)
            and any(self._is_named(place) for place in places)
            and not any(self._is_unwanted(place) for place in places)
        )

    def _figures_match(self, measured: Measured) -> bool:
        return (
            all(limit.holds(measured) for limit in self.limits)
            and self.flags <= measured.flags
            and not self.not_flags & measured.flags
        )

    def _is_named(self, place: Place) -> bool:
        return all(_has_word(place, word) for word in self.words) and all(
            any(_has(place, key, value) for value in values) for key, values in self.texts.items()
        )

    def _is_unwanted(self, place: Place) -> bool:
        return any(_has_word(place, word) for word in self.not_words) or any(
            _has(place, key, value) for key, values in self.not_texts.items() for value in values
        )


def _has_word(place: Place, word: str) -> bool:
    return word in place.name.casefold() or word in f"{place.namespace}/{place.name}".casefold()


def _has(place: Place, key: str, value: str) -> bool:
    """Whether the place has the value: whole, for the namespace `pay` is not `payments`; `*` stands for anything."""
    return any(_is_like(text.casefold(), value) for text in _texts(place, key))


def _is_like(text: str, pattern: str) -> bool:
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    if not text.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        # The leftmost place of each part is as good as any other: no need to try again.
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


def _texts(place: Place, key: str) -> Iterable[str]:
    if key == "ns":
        return (place.namespace,)
    if key == "cluster":
        return place.clusters
    if key == "kind":
        return (place.kind,)
    named = place.team if key == "team" else place.service
    return () if named is None else (named,)


def parsed(text: str) -> Query:
    """Return what a text asks for; what it does not mean is left out and told in `problems`, never refused."""
    draft = _Draft()
    if len(text) > MOST_CHARACTERS:
        draft.problems.append(Problem(text[:20], Fault.LONG))
        text = text[:MOST_CHARACTERS]
    for piece in _PIECES.findall(text):
        draft.take(piece)
    return draft.query()


class _Draft:
    """A query while it is being read."""

    def __init__(self) -> None:
        self.words: dict[bool, list[str]] = {False: [], True: []}
        self.texts: dict[bool, dict[str, list[str]]] = {False: {}, True: {}}
        self.flags: dict[bool, set[str]] = {False: set(), True: set()}
        self.limits: list[Limit] = []
        self.problems: list[Problem] = []

    def take(self, piece: str) -> None:
        """Add one term, or say what is wrong with it."""
        negated, term = piece.startswith("-") and len(piece) > 1, piece.removeprefix("-") or piece
        if term.startswith('"'):
            self._word(piece, term, negated)
        elif limit := _LIMIT.fullmatch(term):
            self._limit(piece, limit, negated)
        elif ":" in term:
            self._text(piece, term, negated)
        elif term.casefold() in FLAGS:
            self.flags[negated].add(term.casefold())
        else:
            self._word(piece, term, negated)

    def _word(self, piece: str, term: str, negated: bool) -> None:
        word = _plain(term)
        if word:
            self.words[negated].append(word)
        else:
            self.problems.append(Problem(piece, Fault.EMPTY))

    def _text(self, piece: str, term: str, negated: bool) -> None:
        key, _, value = term.partition(":")
        if key.casefold() not in KEYS:
            self.problems.append(Problem(piece, Fault.KEY, tuple(f"{key}:" for key in KEYS)))
        elif not _plain(value):
            self.problems.append(Problem(piece, Fault.EMPTY))
        else:
            self.texts[negated].setdefault(key.casefold(), []).append(_plain(value))

    def _limit(self, piece: str, found: re.Match[str], negated: bool) -> None:
        figure = next((name for name in FIGURES if name == found["figure"].casefold()), None)
        way = next((way for way in _COMPARED if way == found["way"]), None)
        value = _VALUE.fullmatch(found["value"])
        if figure is None:
            self.problems.append(Problem(piece, Fault.FIGURE, FIGURES))
        elif way is None:
            self.problems.append(Problem(piece, Fault.WAY, ("<", ">", "<=", ">=")))
        elif value is None:
            self.problems.append(Problem(piece, Fault.VALUE))
        elif value[2].casefold() not in _UNITS[figure]:
            self.problems.append(Problem(piece, Fault.UNIT, tuple(unit for unit in _UNITS[figure] if unit)))
        else:
            scale = _UNITS[figure][value[2].casefold()]
            self.limits.append(Limit(figure, way, float(value[1]) * scale, negated))

    def query(self) -> Query:
        """Return what was read."""
        return Query(
            words=tuple(self.words[False]),
            not_words=tuple(self.words[True]),
            texts={key: tuple(values) for key, values in self.texts[False].items()},
            not_texts={key: tuple(values) for key, values in self.texts[True].items()},
            limits=tuple(self.limits),
            flags=frozenset(self.flags[False]),
            not_flags=frozenset(self.flags[True]),
            problems=tuple(self.problems),
        )


def _plain(term: str) -> str:
    return term.strip('"').strip().casefold()
