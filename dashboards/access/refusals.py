"""Answers to who may not: what was refused, and who can grant it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dashboards.access.doors import referring
from dashboards.frame.page import bare
from plimsoll.store.people import admins


def refused(request: HttpRequest, text: str, team: int | None = None) -> HttpResponse:
    """Return the page that says what may not be done here, and who can grant it."""
    context = {**bare(request), "text": text, "admins": admins(team), "back": referring(request)}
    return private(render(request, "access/refused.html", context, status=HTTPStatus.FORBIDDEN))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that another site made, or that is too old: Django's words are for developers."""
    text = _("This form is no longer valid, or another site has sent it. Nothing was changed.")
    context = {**bare(request), "text": text, "is_stale": True, "back": referring(request)}
    return private(render(request, "access/refused.html", context, status=HTTPStatus.FORBIDDEN))


def private(response: HttpResponse) -> HttpResponse:
    """Have nobody keep a page that is about the one who asks."""
    response["Cache-Control"] = "private, no-store"
    return response
