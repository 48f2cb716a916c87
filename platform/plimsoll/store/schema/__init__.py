"""Published JSON Schemas of what Plimsoll accepts in its own format."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def events() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the generic webhook's body: one record or a list of them."""
    schema: dict[str, Any] = json.loads(files(__name__).joinpath("events.json").read_text(encoding="utf-8"))
    return schema
