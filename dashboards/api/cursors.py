"""A place in a list as an opaque text, to continue after it."""

import base64
import binascii
import json
from datetime import datetime

from dashboards.api.problems import Mistake, invalid
from plimsoll.store.queries.datasets import Column
from plimsoll.store.queries.records import Place

_LARGEST_ID = 2**63 - 1


def cursor(ordering: str, place: Place) -> str:
    """Return the place in a list of this ordering as text."""
    value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
    packed = json.dumps([ordering, value, place.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def place(text: str, ordering: str, column: Column) -> Place:
    """Return the place that a cursor names; it must come from a list of the same ordering."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        its_ordering, value, pk = json.loads(packed)
        found = Place(_value(column, value), pk)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _wrong("not a cursor of this list; take it from `next` or `cursor` of an answer") from error
    if its_ordering != ordering:
        raise _wrong(f"it continues a list ordered by {str(its_ordering)[:40]}, not by {ordering}")
    if type(pk) is not int or not 0 <= pk <= _LARGEST_ID:
        raise _wrong("not a cursor of this list; take it from `next` or `cursor` of an answer")
    return found


def _value(column: Column, value: object) -> object:
    """Return the ordering column's value; ValueError when it is of another kind."""
    if value is None:
        return None
    if column.kind == "time" and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if column.kind == "text" and isinstance(value, str) and "\0" not in value:
        return value
    if column.kind == "number" and isinstance(value, (int, float)) and abs(value) < 1e300:
        return value
    raise ValueError(value)


def _wrong(message: str) -> Exception:
    return invalid([Mistake("cursor", f"{message}.")])
