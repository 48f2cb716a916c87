"""The parameters of an address: declared once, for reading them strictly and for the OpenAPI document."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from django.http import QueryDict
from django.utils.translation import override

from dashboards.api.problems import Mistake, invalid
from dashboards.times import moment, zone_named

LONGEST_VALUE = 1024
MOST_VALUES = 100

Kind = Literal["text", "time", "number", "flag", "zone"]
Value = str | datetime | int | bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `many` may be repeated; `listed` may also hold several values joined by commas."""

    name: str
    about: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    many: bool = False
    listed: bool = False
    least: int = 1
    most: int | None = None
    default: Value | None = None
    formats: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Given:
    """The parameters of one request, read and checked."""

    values: Mapping[str, tuple[Value, ...]]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a text parameter."""
        return tuple(str(value) for value in self.values.get(name, ()))

    def text(self, name: str) -> str | None:
        """Return the value of a text parameter that is given once."""
        found = self.texts(name)
        return found[0] if found else None

    def time(self, name: str) -> datetime | None:
        """Return the value of a time parameter."""
        found = self.values.get(name, ())
        return found[0] if found and isinstance(found[0], datetime) else None

    def number(self, name: str) -> int | None:
        """Return the value of a number parameter."""
        found = self.values.get(name, ())
        return found[0] if found and isinstance(found[0], int) else None

    def flag(self, name: str) -> bool:
        """Return the value of a yes-or-no parameter; not given is no."""
        return bool(self.values.get(name, (False,))[0])


def read(query: QueryDict, parameters: Sequence[Parameter], output: str, zone: tzinfo) -> Given:
    """Return the parameters, or raise one problem that names every wrong one.

    `output` is the format of the answer: some parameters belong to one format only. `zone` is where a bare day begins,
    unless the request names its own `tz`.
    """
    known = {parameter.name: parameter for parameter in parameters}
    mistakes: list[Mistake] = []
    values: dict[str, tuple[Value, ...]] = {}
    if "tz" in known and "tz" in query:
        # A wrong zone is reported below, with the other mistakes.
        with suppress(ValueError):
            zone = zone_named(str(query["tz"]))
    for name in query:
        if name not in known:
            mistakes.append(_unknown(name, known))
            continue
        parameter = known[name]
        try:
            given = _values(parameter, query.getlist(name), output, zone)
        except ValueError as error:
            mistakes.append(Mistake(name, f"{error}."))
        else:
            if given:
                values[name] = given
    if mistakes:
        raise invalid(mistakes)
    for parameter in parameters:
        if parameter.default is not None and parameter.name not in values:
            values[parameter.name] = (parameter.default,)
    return Given(values)


def _values(parameter: Parameter, raw: Sequence[str], output: str, zone: tzinfo) -> tuple[Value, ...]:
    """Return the parameter's values; ValueError says what is wrong and how to mend it."""
    if parameter.formats and output not in parameter.formats:
        raise ValueError(f"only for format={' or '.join(sorted(parameter.formats))}; leave it out for {output}")
    texts = [part for text in raw for part in text.split(",")] if parameter.listed else list(raw)
    # An empty value is the same as none: forms and tools send `team=` when nothing is chosen.
    texts = [text for text in texts if text != ""]
    if len(texts) > (MOST_VALUES if parameter.many else 1):
        raise ValueError(f"given {len(texts)} times; at most {MOST_VALUES if parameter.many else 1}")
    return tuple(_value(parameter, text, zone) for text in texts)


def _value(parameter: Parameter, text: str, zone: tzinfo) -> Value:
    """Return one value."""
    if len(text) > LONGEST_VALUE:
        raise ValueError(f"longer than {LONGEST_VALUE} characters")
    if "\0" in text:
        raise ValueError("holds a zero character; leave it out")
    match parameter.kind:
        case "time":
            # Programs are told in English, whatever their caller's language.
            with override("en"):
                return moment(text, zone)
        case "number":
            return _number(parameter, text)
        case "flag":
            return _flag(text)
        case "zone":
            return _zone(text)
        case _:
            return _text(parameter, text)


def _text(parameter: Parameter, text: str) -> str:
    if parameter.choices and text not in parameter.choices:
        raise ValueError(f"{text[:40]!r} is not one of {', '.join(parameter.choices)}")
    return text


def _number(parameter: Parameter, text: str) -> int:
    most = parameter.most
    limits = f"a whole number of at least {parameter.least}" + (f" and at most {most}" if most is not None else "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(f"{text[:40]!r} is not {limits}")
    number = int(text)
    if number < parameter.least or (most is not None and number > most):
        raise ValueError(f"{number} is not {limits}")
    return number


def _flag(text: str) -> bool:
    words = {"1": True, "true": True, "0": False, "false": False}
    if text.lower() not in words:
        raise ValueError(f"{text[:40]!r} is neither 1 nor 0")
    return words[text.lower()]


def _zone(text: str) -> str:
    try:
        return zone_named(text).key
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is not a time zone, for example Europe/Berlin") from error


def _unknown(name: str, known: Iterable[str]) -> Mistake:
    """Return the mistake of a parameter that does not exist here, with the one that may have been meant."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}."
    return Mistake(name[:60], f"unknown parameter; {hint}")
