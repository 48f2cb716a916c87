"""Values as they leave: the same text for JSON, NDJSON and CSV, so that a table is the same in every tool."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from dashboards.times import written
from plimsoll.store.queries.datasets import Column

Plain = str | int | float | bool | None

# What a spreadsheet may take for a formula (reliability, section 5).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def plain(column: Column, value: object) -> Plain:
    """Return the value as JSON has it; unknown stays null."""
    if value is None:
        return None
    if column.kind == "id":
        return str(value)
    if column.kind == "count" and isinstance(value, float):
        return round(value)
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    if isinstance(value, (str, int, float)):
        return value
    return str(value)


def record(columns: Sequence[Column], row: Sequence[object]) -> dict[str, Plain]:
    """Return a row as a flat object."""
    return {column.name: plain(column, value) for column, value in zip(columns, row, strict=True)}


def ndjson_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Return one JSON object a line."""
    for row in rows:
        yield json.dumps(record(columns, row), ensure_ascii=False) + "\n"


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[object]], *, raw: bool, bom: bool) -> Iterator[str]:
    """Return the lines of a CSV file (RFC 4180) with its header.

    Text that a spreadsheet would take for a formula gets a leading apostrophe, unless `raw`. `bom` is for Excel.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")

    def taken() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    writer.writerow([column.name for column in columns])
    yield ("\ufeff" if bom else "") + taken()
    for row in rows:
        writer.writerow([_cell(plain(column, value), raw) for column, value in zip(columns, row, strict=True)])
        yield taken()


def _cell(value: Plain, raw: bool) -> str | int | float:
    """Return one cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not raw and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
