"""Repetitions of canonical records that have neither a delivery id nor a time: which body is only sent again.

Such a body says how something is now, so open, resolved and open again are three turns of events although two bodies
are the same. It is a repetition (a retry) only of the latest word about its record; a list, whose records may each have
had another word since, only of what its source sent last.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.webhooks import reading

_LIST = "latest:list"
_IDENTITY = {
    "deployment": ("external_id",),
    "incident": ("external_id",),
    "change": ("repo", "number", "sha"),
    "release": ("repo", "version"),
}


def key(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the key under which this body is known until another word about its record."""
    return _latest(records[0]) if len(records) == 1 else _LIST


def ended(records: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the keys of bodies that are no repetition any more once these records were told."""
    return {_LIST, *(_latest(record) for record in records)}


def _latest(record: Mapping[str, Any]) -> str:
    names = [reading.text(record, name) for name in _IDENTITY[record["kind"]]]
    if record["kind"] == "change" and names[1] is not None:
        names.pop()  # A pull request keeps its number while its commits change.
    return "latest:" + hashlib.sha256(json.dumps([record["kind"], *names]).encode()).hexdigest()
