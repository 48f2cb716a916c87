"""JSON Schema of our answers, made from the columns, for the OpenAPI document."""

from collections.abc import Mapping, Sequence
from typing import Any

from plimsoll.store.queries.datasets import Column

_TYPES: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]},
    "list": {"type": ["string", "null"], "description": "Joined by commas."},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "number": {"type": ["number", "null"]},
    "count": {"type": ["integer", "null"]},
    "flag": {"type": ["boolean", "null"]},
}


def row_schema(columns: Sequence[Column]) -> dict[str, Any]:
    """Return the schema of one row; null means unknown."""
    properties = {}
    for column in columns:
        schema = dict(_TYPES[column.kind])
        if column.about:
            schema["description"] = column.about
        properties[column.name] = schema
    return {"type": "object", "properties": properties}


def list_schema(columns: Sequence[Column], **more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a list answer; `more` are members besides the usual ones."""
    return {
        "type": "object",
        "required": ["results", "next", "cursor", "as_of"],
        "properties": {
            "results": {"type": "array", "items": row_schema(columns)},
            "next": {"type": ["string", "null"], "format": "uri", "description": "Address of the following page."},
            "cursor": {"type": ["string", "null"], "description": "The same as a value."},
            "as_of": {
                "type": "string",
                "format": "date-time",
                "description": "Every change up to here is in the answer: the next `updated_since`.",
            },
            "count": {"type": "integer", "description": "Rows over all pages, with `count=1`."},
            **more,
        },
    }
