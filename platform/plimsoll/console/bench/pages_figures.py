"""The figures of `bench pages` and `bench live`, as JSON and as tables."""

import json
import os
import platform
import sys
from collections.abc import Sequence

import plimsoll
from plimsoll.console.bench.pages import Measure
from plimsoll.console.bench.pages_live import Report
from plimsoll.console.bench.pages_places import BUDGETS
from plimsoll.console.screen import has_colour

_HEAD = ("page", "p50 ms", "p95 ms", "budget", "of healthz", "queries", "page KB", "first visit KB", "budget", "")


def as_json(size: dict[str, int], health: Measure, pages: Sequence[Measure]) -> str:
    """Return the whole report."""
    said = {
        "plimsoll": plimsoll.__version__,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        **size,
        "healthz": _named(health, health),
        "pages": [_named(page, health) for page in pages],
    }
    return json.dumps(said, indent=2)


def _named(page: Measure, health: Measure) -> dict[str, object]:
    budget = BUDGETS.get(page.page)
    return {
        "page": page.page,
        "path": page.path,
        "status": page.status,
        "requests": len(page.waits_ms),
        "p50_ms": round(page.percentile(0.5), 1),
        "p95_ms": round(page.percentile(0.95), 1),
        "budget_ms": budget.ms if budget else None,
        "p50_ratio_to_healthz": round(page.percentile(0.5) / health.percentile(0.5), 1),
        "queries": page.queries,
        "page_bytes": page.page_bytes,
        "first_visit_bytes": page.first_visit_bytes,
        "budget_bytes": budget.kb * 1000 if budget else None,
        "is_within": is_within(page),
    }


def is_within(page: Measure) -> bool:
    """Whether a page answered, and kept to its budgets."""
    budget = BUDGETS.get(page.page)
    if budget is None:
        return page.status == 200
    return page.status == 200 and page.percentile(0.95) <= budget.ms and page.first_visit_bytes <= budget.kb * 1000


def show(health: Measure, pages: Sequence[Measure]) -> None:
    """Print a table; in frames on a terminal, else as plain aligned text."""
    _table(_HEAD, [_cells(page, health) for page in (*pages, health)])
    print("Budgets are the design's: server time at the 95th percentile, and a first visit's weight without charts.")


def _cells(page: Measure, health: Measure) -> tuple[str, ...]:
    budget = BUDGETS.get(page.page)
    over = "" if is_within(page) else f"status {page.status}" if page.status != 200 else "over"
    return (
        page.page, f"{page.percentile(0.5):.1f}", f"{page.percentile(0.95):.1f}", str(budget.ms) if budget else "",
        f"{page.percentile(0.5) / health.percentile(0.5):.1f}", str(page.queries), f"{page.page_bytes / 1000:.1f}",
        f"{page.first_visit_bytes / 1000:.1f}", str(budget.kb) if budget else "", over,
    )  # fmt: skip


def live_json(report: Report) -> str:
    """Return the report on streams."""
    return json.dumps({"plimsoll": plimsoll.__version__, "processors": os.cpu_count(), **report.named()}, indent=2)


def show_live(report: Report) -> None:
    """Print the report on streams."""
    _table(("what", "value"), [(name.replace("_", " "), str(value)) for name, value in report.named().items()])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if has_colour(sys.stdout):
        from rich.console import Console
        from rich.table import Table

        table = Table(*head)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in rows:
            table.add_row(*row)
        Console().print(table)
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for line in (head, *rows):
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join((first.strip().ljust(widths[0]), *others)).rstrip())
