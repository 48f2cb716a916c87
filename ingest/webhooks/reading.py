"""Reading a sender's JSON: tolerant of what is missing or of another type, strict about what cannot be kept.

This is the border where `Any` ends: paths of keys go in, typed values or None come out.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.webhooks.times import instant

# What no text column can hold, and what an index of the database can hold at most.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST_NAME = 500
LONGEST_TEXT = 8000


class Unusable(Exception):
    """A delivery cannot be used; the message says which part of it is wrong. It is kept, and shown as failed."""


def at(body: object, *path: str) -> Any:
    """Return what lies at a path of keys, or None."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def table(body: object, *path: str) -> Mapping[str, Any]:
    """Return the object at a path, empty when there is none."""
    found = at(body, *path)
    return found if isinstance(found, Mapping) else {}


def items(body: object, *path: str) -> list[Any]:
    """Return the array at a path, empty when there is none."""
    found = at(body, *path)
    return found if isinstance(found, list) else []


def text(body: object, *path: str) -> str | None:
    """Return the text at a path, cleaned; numbers become text, and an empty text is None."""
    found = at(body, *path)
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return None
    return cleaned(str(found))[:LONGEST_TEXT] or None


def name(body: object, *path: str) -> str | None:
    """Return a text that identifies something; Unusable when it is too long to."""
    found = text(body, *path)
    if found is not None and len(found) > LONGEST_NAME:
        raise Unusable(f"{'.'.join(path)} is longer than {LONGEST_NAME} characters")
    return found


def required(body: object, *path: str) -> str:
    """Return a text that identifies something; Unusable when there is none."""
    found = name(body, *path)
    if found is None:
        raise Unusable(f"{'.'.join(path)} is missing")
    return found


def time(body: object, *path: str) -> datetime | None:
    """Return the time at a path, None when it is absent; Unusable when it is no time."""
    try:
        return instant(at(body, *path))
    except ValueError as error:
        raise Unusable(f"{'.'.join(path)}: {cleaned(str(error))[:200]}") from error


def required_time(body: object, *path: str) -> datetime:
    """Return the time at a path; Unusable when there is none."""
    found = time(body, *path)
    if found is None:
        raise Unusable(f"{'.'.join(path)} is missing")
    return found


def whole(body: object, *path: str, bits: int = 63) -> int | None:
    """Return the whole number at a path, not negative and small enough for its column, or None."""
    found = at(body, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20:
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found < 2**bits:
        return None
    return found


def truth(value: object) -> bool | None:
    """Return whether a value says yes, None when it says nothing; text says yes as `true`, `yes` or `1`."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.strip().lower() in ("true", "yes", "1")
    return bool(value)


def line(value: str | None) -> str | None:
    """Return the first line of a text, short enough for a heading."""
    first = value.strip().splitlines()[0].strip() if value and value.strip() else ""
    return first[:200] or None


def names(found: list[Any], *path: str) -> list[str]:
    """Return the texts in an array, or at a path in each of its objects, without repetition."""
    texts = (text(each, *path) if path else text({"": each}, "") for each in found)
    return list(dict.fromkeys(each for each in texts if each))


def cleaned(value: str) -> str:
    """Return a text without what PostgreSQL cannot store (NUL and lone surrogates) and without outer blanks."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value).strip()
