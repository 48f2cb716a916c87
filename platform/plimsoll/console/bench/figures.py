"""The figures of the benchmark: what they are, as JSON and as a table."""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from typing import Literal

from google import protobuf

import plimsoll
from plimsoll.console.bench.client import IN_FLIGHT
from plimsoll.console.screen import has_colour

Signal = Literal["spans", "points"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests of one size. CPU times are user and system time; `counted` is what the database says it has of them."""

    signal: Signal
    items_per_request: int
    requests: int
    acknowledged: int
    counted: int
    seconds: float
    bytes_per_item: float
    cpu_us: float
    parse_us: float
    database_cpu_us: float
    ack_p50_ms: float
    ack_p95_ms: float
    rows_written: int

    @property
    def per_second(self) -> float:
        """Items a second of the clock."""
        return self.acknowledged / self.seconds

    @property
    def per_second_per_core(self) -> float | None:
        """Items a second of the receiver's CPU time; None when it was too short to measure."""
        return 1e6 / self.cpu_us if self.cpu_us else None

    @property
    def ratio_to_parse(self) -> float:
        """The receiver's CPU time, in units of bare parsing."""
        return self.cpu_us / self.parse_us

    def named(self) -> dict[str, object]:
        """Return the figures under the names of the JSON."""
        item = self.signal.removesuffix("s")
        row = asdict(self)
        core = self.per_second_per_core
        return {
            f"{self.signal}_per_request": self.items_per_request,
            "requests": self.requests,
            "acknowledged": self.acknowledged,
            "counted": self.counted,
            "seconds": round(self.seconds, 3),
            f"bytes_per_{item}": round(self.bytes_per_item, 1),
            f"{self.signal}_per_second": round(self.per_second),
            f"{self.signal}_per_second_per_core": None if core is None else round(core),
            f"cpu_us_per_{item}": round(self.cpu_us, 3),
            f"parse_us_per_{item}": round(self.parse_us, 3),
            "ratio_to_parse": round(self.ratio_to_parse, 2),
            f"database_cpu_us_per_{item}": round(self.database_cpu_us, 3),
            **{name: round(row[name], 2) for name in ("ack_p50_ms", "ack_p95_ms")},
            "rows_written": self.rows_written,
        }


def as_json(report: list[Figures]) -> str:
    """Return the whole report."""
    said = {
        "plimsoll": plimsoll.__version__,
        "python": platform.python_version(),
        "protobuf": protobuf.__version__,
        "processors": os.cpu_count(),
        "requests_in_flight": IN_FLIGHT,
        "spans": [row.named() for row in report if row.signal == "spans"],
        "points": [row.named() for row in report if row.signal == "points"],
    }
    return json.dumps(said, indent=2)


_HEAD = ("a request", "/s", "/s/core", "CPU µs", "parse µs", "ratio", "database µs", "ack p50 ms", "p95 ms", "rows")


def _cells(row: Figures) -> tuple[str, ...]:
    core = row.per_second_per_core
    return (
        f"{row.items_per_request} {row.signal}", f"{row.per_second:,.0f}", "-" if core is None else f"{core:,.0f}",
        f"{row.cpu_us:.2f}", f"{row.parse_us:.2f}", f"{row.ratio_to_parse:.1f}", f"{row.database_cpu_us:.2f}",
        f"{row.ack_p50_ms:.1f}", f"{row.ack_p95_ms:.1f}", f"{row.rows_written:,}",
    )  # fmt: skip


def show(report: list[Figures]) -> None:
    """Print a table; in frames on a terminal, else as plain aligned text."""
    rows = [_cells(row) for row in report]
    if has_colour(sys.stdout):
        from rich.console import Console
        from rich.table import Table

        table = Table(*_HEAD)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            table.add_row(*row)
        Console().print(table)
    else:
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
        for line in (_HEAD, *rows):
            first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            print("  ".join((first.strip().ljust(widths[0]), *others)))
    print("Times are CPU time for one span or point: the receiver's, bare parsing of the same bytes, the database's.")
