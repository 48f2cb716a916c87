"""What visitors see when something is not there, not allowed, or broken: pages that need less than may be broken."""

import logging
from http import HTTPStatus

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards.frame.numbers import number_of
from dashboards.frame.page import message

log = logging.getLogger(__name__)

_SHEETS = ("plimsoll/tokens.css", "plimsoll/base.css", "plimsoll/page.css", "plimsoll/components.css")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing at the address, and offer the search."""
    what = _("There is nothing at this address.")
    return message(request, HTTPStatus.NOT_FOUND, what, _("Look for it, or go on from here."))


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the visitor may not."""
    return message(request, HTTPStatus.FORBIDDEN, _("You may not see this."), _("Ask a site admin, or sign in."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request makes no sense."""
    what = _("This request is not understood.")
    return message(request, HTTPStatus.BAD_REQUEST, what, _("Go back and try it another way."))


def broken(request: HttpRequest) -> HttpResponse:
    """Say that it is our defect, with a number under which the log has it; nothing that may be broken is asked."""
    number = number_of(request)
    log.error("Request %s of %s %s failed.", number, request.method, request.path)
    response = HttpResponse(_broken(number), status=HTTPStatus.INTERNAL_SERVER_ERROR)
    response["Cache-Control"] = "no-store"
    response["X-Request-ID"] = number
    return response


def _broken(number: str) -> str:
    """Return the page, in the plainest words when even the template fails."""
    try:
        sheets = [staticfiles_storage.url(sheet) for sheet in _SHEETS]
        context = {
            "lang": get_language(),
            "what": _("Something broke here."),
            "hint": _("It is our defect and was written down. Going back or trying again may work."),
            "number_is": _("Whoever runs this installation finds it in the log by the number"),
            "number": number,
            "home": _("To the overview"),
            "sheets": sheets,
        }
        return render_to_string("500.html", context)
    except Exception:
        log.exception("The page of request %s failed too.", number)
        return f"<!doctype html><title>Plimsoll</title><h1>Something broke here.</h1><p>Number {escape(number)}</p>"
