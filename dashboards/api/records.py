"""Lists of facts and dimensions, and one record with what stands behind it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request

from dashboards.api import cursors, ranges, teams
from dashboards.api.answers import answered
from dashboards.api.cells import record
from dashboards.api.formats import RENDERERS
from dashboards.api.parameters import Given, Parameter
from dashboards.api.problems import Mistake, invalid, missing
from dashboards.api.schemas import list_schema, row_schema
from dashboards.api.selection import SELECTING, selection
from dashboards.api.view import BOM, FORMAT, RAW, View, download
from dashboards.times import written
from plimsoll.insight import dora
from plimsoll.insight.metrics.lead_time import OF_DEPLOYMENTS
from plimsoll.store.queries import records
from plimsoll.store.queries.datasets import Dataset
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.evidence import Evidence
from plimsoll.store.queries.records import Place, Wanted

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000
DEFAULT_LIMIT, LARGEST_LIMIT = 100_000, 1_000_000

_JSON, _TABLES = frozenset({"json"}), frozenset({"csv", "ndjson"})
_PAGING = (
    Parameter("cursor", "Continue after this place: the `cursor` of the answer before."),
    Parameter("page_size", "Rows of a page.", "number", most=LARGEST_PAGE, default=DEFAULT_PAGE, formats=_JSON),
    Parameter("count", "1: say how many rows there are over all pages.", "flag", formats=_JSON),
    Parameter(
        "limit",
        "Rows of a CSV or NDJSON answer; when there are more, a Link header leads to the rest.",
        "number",
        most=LARGEST_LIMIT,
        default=DEFAULT_LIMIT,
        formats=_TABLES,
    ),
    FORMAT,
    RAW,
    BOM,
)
_UPDATED = (
    Parameter("updated_since", "Rows that changed at or after this time, and settled: see `as_of`.", "time"),
    Parameter("updated_before", "Rows that changed before this time.", "time"),
)
_EVENT = (
    Parameter("from", "What happened at or after this time.", "time"),
    Parameter("to", "What happened before this time.", "time"),
)


# The part of a metric's evidence that its value was computed from.
COUNTED = "counted"
_SELECTED = frozenset(parameter.name for parameter in SELECTING)


def _evidence_parameters(metrics: tuple[str, ...]) -> tuple[Parameter, ...]:
    """Return the parameters that narrow a list to what a metric was computed from."""
    if not metrics:
        return ()
    return (
        Parameter("metric", "Only the rows this metric counted, by its own rules and default range.", choices=metrics),
        Parameter("evidence", "Instead of those counted: pending, failed, or a reason for leaving out."),
    )


def list_parameters(dataset: Dataset) -> tuple[Parameter, ...]:
    """Return the parameters that a list of the dataset takes."""
    has_updates = any(column.name == "updated_at" for column in dataset.columns)
    orderings = tuple(f"{sign}{name}" for name in dataset.orderings for sign in ("", "-"))
    return (
        *(_UPDATED if has_updates else ()),
        *(_EVENT if dataset.event_times else ()),
        *(
            Parameter(
                name,
                f"Only this {_said(name)}; may be repeated.",
                "number" if name in dataset.ids else "text",
                choices=dataset.choices.get(name, ()),
                many=True,
            )
            for name in dataset.filters
        ),
        Parameter("ordering", "Sort by this column; - turns it around.", choices=orderings),
        *_PAGING,
    )


def _said(name: str) -> str:
    return "service, `name` or `namespace/name`" if name == "service" else name


class RecordList(View):
    """A list of a dataset: pages in JSON, or one stream in CSV or NDJSON."""

    dataset: ClassVar[Dataset]
    # whose evidence these rows are
    metrics: ClassVar[tuple[str, ...]] = ()
    renderer_classes = RENDERERS

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.parameters = (*list_parameters(cls.dataset), *_evidence_parameters(cls.metrics))
        cls.answer_schema = list_schema(cls.dataset.columns)
        cls.__doc__ = cls.dataset.about

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the rows."""
        given = self.given()
        wanted = self.wanted(given)
        return self.paged(wanted, given) if self.output == "json" else self.exported(wanted, given)

    def wanted(self, given: Given) -> Wanted:
        """Return what the request asks for."""
        dataset = self.dataset
        start, end = given.time("from"), given.time("to")
        since, before = given.time("updated_since"), given.time("updated_before")
        ranges.checked(start, end, timezone.now())
        if since and before:
            ranges.ordered(since, before, ("updated_since", "updated_before"))
        teams.checked(given.texts("team"), self.team)
        ordering = given.text("ordering") or dataset.orderings[0]
        name = ordering.removeprefix("-")
        after = given.text("cursor")
        filters = {name: given.texts(name) for name in dataset.filters if given.texts(name)}
        ids = None
        if given.text("metric") is not None:
            # The metric's own rules about range, team, service and environment have chosen already.
            ids, start, end = self.evidence(given), None, None
            filters = {name: values for name, values in filters.items() if name not in _SELECTED}
        elif given.text("evidence") is not None:
            raise invalid([Mistake("evidence", "It is a part of a metric's events: name the `metric` too.")])
        return Wanted(
            dataset,
            filters=filters,
            since=since,
            before=before,
            start=start,
            end=end,
            ids=ids,
            team=self.team,
            ordering=name,
            descending=ordering.startswith("-"),
            after=None if after is None else cursors.place(after, ordering, dataset.columns[dataset.position(name)]),
        )

    def evidence(self, given: Given) -> list[int]:
        """Return the ids of the rows behind a metric: those it counted, or another part that `evidence` names."""
        now = timezone.now()
        chosen = selection(given, self.team, now)
        figure = dora.figure(
            given.text("metric") or "",
            start=chosen.start,
            end=chosen.end,
            now=now,
            teams=chosen.teams,
            services=chosen.services,
            environments=chosen.environments,
            environment_classes=chosen.environment_classes,
        )
        parts = dora.parts_of(figure, of_deployments=self.dataset is DEPLOYMENTS)
        part = given.text("evidence") or COUNTED
        if part == COUNTED and COUNTED not in parts:
            mend = f"It counts no {self.dataset.name}; name one of {', '.join(OF_DEPLOYMENTS)}."
            raise invalid([Mistake("evidence", mend)])
        return list(parts.get(part, ()))

    def paged(self, wanted: Wanted, given: Given) -> HttpResponseBase:
        """Answer with one page."""
        size = given.number("page_size") or DEFAULT_PAGE
        with records.bounded():
            settled = records.settled_until()
            if wanted.since is not None or wanted.before is not None:
                wanted = records.settled_only(wanted, settled)
            rows = records.page(wanted, size + 1)
            total = records.count(wanted) if given.flag("count") else None
        more = wanted.place(rows[size - 1]) if len(rows) > size else None
        cursor = None if more is None else self.cursor(wanted, more)
        body: dict[str, object] = {
            "results": [record(self.dataset.columns, row) for row in rows[:size]],
            "next": None if cursor is None else following(self.request._request, cursor),
            "cursor": cursor,
            "as_of": written(settled),
        }
        if total is not None:
            body["count"] = total
        return answered(self.request._request, body)

    def exported(self, wanted: Wanted, given: Given) -> HttpResponseBase:
        """Answer with all rows up to the limit, as a stream."""
        limit = given.number("limit") or DEFAULT_LIMIT
        with records.bounded():
            settled = records.settled_until()
            if wanted.since is not None or wanted.before is not None:
                wanted = records.settled_only(wanted, settled)
            last = records.cut(wanted, limit)
        rows = records.stream(records.up_to(wanted, last))
        response = download(self, self.dataset.columns, rows, given, self.dataset.name)
        response["Plimsoll-As-Of"] = written(settled)
        if last is not None:
            address = following(self.request._request, self.cursor(wanted, last))
            response["Link"] = f'<{address}>; rel="next"'
        return response

    @staticmethod
    def cursor(wanted: Wanted, place: Place) -> str:
        """Return the cursor that continues after the place."""
        return cursors.cursor(("-" if wanted.descending else "") + wanted.ordering, place)


class RecordDetail(View):
    """One record, with its evidence as nested lists."""

    dataset: ClassVar[Dataset]
    what: ClassVar[str]
    # the lists behind the record with this id, as far as a team may see them
    evidence: Callable[[int, int | None], Evidence]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.answer_schema = row_schema(cls.dataset.columns)
        cls.__doc__ = f"One {cls.what}, with what stands behind it as nested lists."

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Answer with the record."""
        self.given()
        with records.bounded():
            settled = records.settled_until()
            row = records.row(self.dataset, pk, self.team)
            if row is None:
                raise missing(self.what)
            behind = self.evidence(pk, self.team)
        body: dict[str, object] = {**record(self.dataset.columns, row), **_nested(behind), "as_of": written(settled)}
        return answered(request._request, body)


def following(request: HttpRequest, cursor: str) -> str:
    """Return the full address of the page after the cursor: the same question, continued."""
    pairs = [(name, value) for name, values in request.GET.lists() for value in values if name != "cursor"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*pairs, ('cursor', cursor)])}")


def _nested(evidence: Evidence) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return {name: [record(dataset.columns, row) for row in rows] for name, (dataset, rows) in evidence.items()}
