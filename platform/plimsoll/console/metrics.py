"""`plimsoll metrics`: the four numbers in the terminal, with what they were computed from."""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.errors import BadSetting

_RANGE: Final = re.compile(r"(\d{1,3})([dwy])", re.ASCII)
_DAYS: Final = {"d": 1, "w": 7, "y": 365}
_LONGEST_DAYS: Final = 731

_PENDING: Final = {"change_failure_rate": "change_failure_pending", "recovery_time": "recovery_censored"}
# Of each number: its title, the column of its value, that of its count, what is counted, and the prefix of what was
# left out.
_FOUR: Final = {
    "deployment_frequency": ("Deployments", "deployments_per_day", "deployments", "deployment", "deployments"),
    "lead_time": ("Lead time, median", "lead_time_p50_s", "lead_time_n", "change", "lead_time"),
    "change_failure_rate": ("Failure rate", "change_failure_rate", "change_failure_n", "deployment", "change_failure"),
    "recovery_time": ("Recovery, P90", "recovery_p90_s", "recovery_n", "failed deployment", "recovery"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """One of the four; `value` is None when it is unknown, `level` when there are too few events for one."""

    metric: str
    title: str
    value: float | None
    level: str | None
    mark: float | None
    n: int | None
    of: str
    # too young to judge, or not over
    pending: int
    left_out: int
    left_out_reasons: str


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "metrics",
        help="print the four numbers: how often, how fast, how safely, and how soon recovered",
        description="In production, as the pages have it. A number that cannot be known is said to be unknown; it is "
        "never 0.",
    )
    parser.add_argument("--team", metavar="T", help="the slug of a team; default: all")
    parser.add_argument("--range", default="28d", metavar="N", help="7d, 4w or 1y, up to now (28d)")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    add_settings(parser, "--data")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compute and print the numbers."""
    apply_settings(options)
    days = _days(options.range)
    with database.available("metrics"):
        from django.conf import settings

        from plimsoll.store.teams import team_named

        team = team_named(options.team).slug if options.team else None
        # The end of the current minute, as on the pages.
        end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        start = end - timedelta(days=days)
        row = _row(start, end, team)
        numbers = _numbers(row, team)
        through = row["data_through"]
        if options.json:
            about = {"team": team, "from": start.isoformat(), "to": end.isoformat(), "time_zone": settings.TIME_ZONE}
            found = {number.metric: asdict(number) for number in numbers}
            print(json.dumps({**about, "data_through": through, "metrics": found}, indent=2, default=_iso))
        else:
            _show(numbers, team, days, through)
    return 0


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _days(text: str) -> int:
    found = _RANGE.fullmatch(text.strip().lower())
    days = int(found[1]) * _DAYS[found[2]] if found else 0
    if not 1 <= days <= _LONGEST_DAYS:
        raise BadSetting(f"--range {text} is no range of up to two years, such as 7d, 28d, 12w or 1y.")
    return days


def _row(start: datetime, end: datetime, team: str | None) -> Mapping[str, object]:
    from django.conf import settings

    from plimsoll.insight import dora

    (row,) = dora.rows(
        start=start,
        end=end,
        bucket="all",
        group_by=(),
        tz=settings.TIME_ZONE,
        now=datetime.now(UTC),
        teams=(team,) if team else (),
    )
    return row


def _numbers(row: Mapping[str, object], team: str | None) -> list[Number]:
    from plimsoll.insight.levels import level
    from plimsoll.store.marks import marks

    limits = marks()
    found = []
    for metric, (title, value_column, n_column, of, prefix) in _FOUR.items():
        value, n = row[value_column], row[n_column]
        number = float(value) if isinstance(value, (int, float)) else None
        count = n if isinstance(n, int) else None
        left_out = row[f"{prefix}_left_out"]
        found.append(
            Number(
                metric=metric,
                title=title,
                value=number,
                level=level(metric, number, count),
                mark=limits.of(metric, team=team),
                n=count,
                of=of,
                pending=_whole(row[_PENDING[metric]]) if metric in _PENDING else 0,
                left_out=_whole(left_out),
                left_out_reasons=str(row[f"{prefix}_left_out_reasons"] or ""),
            )
        )
    return found


def _show(numbers: list[Number], team: str | None, days: int, through: object) -> None:
    from rich.console import Console
    from rich.table import Table

    whose = f"team {team}" if team else "all teams"
    known = f"data through {_written(through)}" if through else "nothing was reported yet"
    table = Table(box=None, pad_edge=False)
    for column in ("", "value", "level", "mark", "from", ""):
        table.add_column(column, justify="right" if column in ("value", "mark") else "left")
    for number in numbers:
        table.add_row(
            number.title,
            _shown(number.metric, number.value),
            number.level or ("n below 5" if number.value is not None else ""),
            _shown(number.metric, number.mark) if number.mark is not None else "",
            _counted(number) if through else "",
            _aside(number),
        )
    # Without a terminal nothing is cut off to fit one.
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(f"Production, {whose}, last {days} days; {known}", markup=False)
    console.print(table)


def _shown(metric: str, value: float | None) -> str:
    from dashboards.figures import phrases

    return "unknown" if value is None else phrases.said(metric, value)


def _counted(number: Number) -> str:
    return "" if number.n is None else f"{number.n:,} {number.of}{'' if number.n == 1 else 's'}"


def _aside(number: Number) -> str:
    parts = [f"{number.pending:,} pending"] if number.pending else []
    if number.left_out:
        parts.append(f"{number.left_out:,} left out ({number.left_out_reasons})")
    return ", ".join(parts)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _written(moment: object) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if isinstance(moment, datetime) else None
