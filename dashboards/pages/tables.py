"""The rows of a list as a table for other tools: the API's export for whoever reads the page, session or token."""

from collections.abc import Callable
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
from plimsoll.store.queries import records

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
        found = ask(visit).wanted
        if visit.left_out:
            # A page says beside its rows that it left out a name or a time; a table has no place for that.
            return message(request, HTTPStatus.BAD_REQUEST, _("This table was not written."), " ".join(visit.left_out))
        wanted = replace(found, ordering=found.dataset.orderings[0])
        last = records.cut(wanted, MOST)
    rows = records.stream(records.up_to(wanted, last))
    lines = csv_lines(wanted.dataset.columns, rows, raw=False, bom=False)
    response = streamed(request, lines, CSV(), wanted.dataset.name)
    response["Cache-Control"] = "private, no-store"
    return response
