"""The figures before and after a deployment, side by side, each with its mark."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboards import words
from dashboards.frame.marks import Status, status
from dashboards.pages.sides import Sides
from plimsoll.insight.around.traffic import Around
from plimsoll.insight.topology import Vertex
from plimsoll.insight.topology.compare import ENOUGH


@dataclass(frozen=True, slots=True)
class Check:
    """One figure; texts are empty where there is nothing to say, `unknown` is said.

    `calls` are the addresses of the calls that it is computed from, before and after, by this figure.
    """

    name: str
    before: str
    after: str
    mark: str
    change: str
    status: Status | None
    is_small: bool
    calls: tuple[str, str]


def checks(seen: Around, where: Sides, *, error_mark: float | None, p95_mark: float | None) -> list[Check]:
    """Return rate, errors, P50 and P95 on both sides."""
    before, after = seen.before, seen.after
    rates = _rate(seen, before, is_after=False), _rate(seen, after, is_after=True)
    errors = before.error_rate if before else None, after.error_rate if after else None
    p50 = before.p50_ms if before else None, after.p50_ms if after else None
    p95 = before.p95_ms if before else None, after.p95_ms if after else None
    n = before.requests if before else None, after.requests if after else None
    small = any(each is not None and each < ENOUGH for each in n)
    unknown = _("unknown")

    def said(value: float | None, how: str) -> str:
        if value is None:
            return unknown
        if how == "share":
            return str(words.share(value))
        return words.per_second(value) if how == "rate" else words.milliseconds(value)

    def row(
        name: str, sides: tuple[float | None, float | None], how: str, mark: float | None, metric: str, column: str
    ) -> Check:
        return Check(
            name,
            said(sides[0], how),
            said(sides[1], how),
            said(mark, how) if mark is not None else "",
            _points(sides) if how == "share" else _grown(sides),
            status(sides[1], mark, metric) if metric else None,
            small,
            (where.before.by(column), where.after.by(column)),
        )

    return [
        row(_("Rate"), rates, "rate", None, "", "rate"),
        row(_("Error rate"), errors, "share", error_mark, "error_rate", "errors"),
        row(_("P50 latency"), p50, "ms", None, "", "p50"),
        row(_("P95 latency"), p95, "ms", p95_mark, "p95_ms", "p95"),
    ]


def _rate(seen: Around, vertex: Vertex | None, *, is_after: bool) -> float | None:
    if vertex is None or seen.comparison is None:
        return None
    side = seen.comparison.after if is_after else seen.comparison.before
    return side.rate(vertex.requests) if side.seconds else None


def _grown(sides: tuple[float | None, float | None]) -> str:
    """Return by how much a figure changed, in percent of what it was."""
    before, after = sides
    if not before or after is None:
        return ""
    return f"{words.signed(after / before - 1, 0, 0.01)} %"


def _points(sides: tuple[float | None, float | None]) -> str:
    """Return by how many percentage points a share changed."""
    before, after = sides
    if before is None or after is None:
        return ""
    return _("%(n)s pt") % {"n": words.signed(after - before, 1, 0.01)}
