"""The rows of a list as a table for other tools: the API's export for whoever reads the page, session or token."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards.api.cells import csv_lines
from dashboards.api.formats import CSV, streamed
from dashboards.frame.page import Visit, message, unanswered, unauthenticated, visit_of
from dashboards.pages.asking import Asked
from dashboards.readers import has_token_in_url, reader_of
from plimsoll.insight.metrics.recovery_time import Hurt
from plimsoll.store.queries import records
from plimsoll.store.queries.datasets import Column

# As the API's export without another word.
MOST: Final = 100_000

Ask = Callable[[Visit], Asked]


def table(ask: Ask) -> Callable[[HttpRequest], HttpResponseBase]:
    """Make a view that answers with all rows that a list shows, however many pages they fill."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponseBase:
        try:
            return _answer(request, ask)
        except (OperationalError, InterfaceError) as error:
            return unanswered(request, error)

    return view


def _answer(request: HttpRequest, ask: Ask) -> HttpResponseBase:
    reader = reader_of(request)
    if has_token_in_url(request) or reader is None or not reader.may("read"):
        return unauthenticated(request)
    with records.bounded():
        visit = visit_of(request, reader)
        found = ask(visit)
        if visit.left_out:
            # A page says beside its rows that it left out a name or a time; a table has no place for that.
            return message(request, HTTPStatus.BAD_REQUEST, _("This table was not written."), " ".join(visit.left_out))
        wanted = replace(found.wanted, ordering=found.wanted.dataset.orderings[0])
        last = records.cut(wanted, MOST)
    columns, rows = _with_recoveries(found, records.stream(records.up_to(wanted, last)))
    lines = csv_lines(columns, rows, raw=False, bom=False)
    response = streamed(request, lines, CSV(), wanted.dataset.name)
    response["Cache-Control"] = "private, no-store"
    return response


def _with_recoveries(found: Asked, rows: Iterable[records.Row]) -> tuple[Sequence[Column], Iterable[records.Row]]:
    """Return the columns and rows; of the recovery time with what it counted of each, or how long it is open so far."""
    columns, hurts = found.wanted.dataset.columns, found.recoveries
    if hurts is None:
        return columns, rows
    own = (Column("recovery_time_s", "number"), Column("open_at_least_s", "number"))
    return (*columns, *own), ((*row, *_recovery(hurts, row[0])) for row in rows)


def _recovery(hurts: Mapping[int, Hurt], pk: object) -> tuple[float | None, float | None]:
    hurt = hurts.get(pk) if isinstance(pk, int) else None
    if hurt is None or hurt.unknown is not None:
        return None, None
    return (None, hurt.seconds) if hurt.is_open else (hurt.seconds, None)
