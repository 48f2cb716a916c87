"""The wallboard's requests: the whole page, and its board alone for a page that is open already."""

import hashlib
import re
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards.frame.page import logged, numbered
from dashboards.live.release import release
from dashboards.readers import CHALLENGE
from dashboards.wallboard.board import Board, board
from dashboards.wallboard.options import Options, options
from dashboards.wallboard.say import clock
from dashboards.wallboard.strip import ALL
from dashboards.wallboard.visitors import IN_ADDRESS, NOT_READING, WRONG_SCREEN, Stranger, Visitor, visitor_of
from plimsoll.store.queries.board import OwnTeam, own_teams
from plimsoll.store.queries.records import bounded, took_too_long

# Sent by the page's own script, which wants the board without the page around it.
PART: Final = "X-Wallboard"
# The moment of the answer, which differs each time though nothing else does.
_NOW: Final = re.compile(rb' data-now="[^"]*"')


class _Missing(Exception):
    """There is no such board for this visitor."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@require_safe
def wall(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the board of a team, or of the organisation under `all`."""
    wanted = options(request.GET)
    try:
        return _answer(request, slug, wanted)
    except _Missing as missing:
        return _message(request, wanted, HTTPStatus.NOT_FOUND, missing.what, missing.hint)
    except (OperationalError, InterfaceError) as error:
        return _unanswered(request, wanted, error)


def _unanswered(request: HttpRequest, wanted: Options, error: Exception) -> HttpResponse:
    """Say that the database does not answer, or not in time."""
    number = logged(request, error)
    tried = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    hint = _("Tried at %(time)s. This page tries again every 15 seconds.") % {"time": f"{tried:%H:%M:%S}"}
    what = _("The board takes too long.") if took_too_long(error) else _("The database is away.")
    asked = _("Ask about it as %(id)s.") % {"id": number}
    return numbered(_message(request, wanted, HTTPStatus.SERVICE_UNAVAILABLE, what, f"{hint} {asked}"), number)


def _answer(request: HttpRequest, slug: str, wanted: Options) -> HttpResponse:
    visitor = visitor_of(request)
    if isinstance(visitor, Stranger):
        return _refused(request, wanted, visitor)
    with bounded():
        shown = board(request, _team(slug, visitor), timezone.now(), visitor.teams)
    is_part = PART in request.headers
    template = "wallboard/board.html" if is_part else "wallboard/page.html"
    return _kept(request, render(request, template, _context(shown, wanted)))


def _team(slug: str, visitor: Visitor) -> OwnTeam | None:
    """Return the team of the address, None for the organisation."""
    if slug == ALL and visitor.teams is None:
        return None
    teams = own_teams(visitor.teams)
    for team in teams:
        if team.slug == slug:
            return team
    if slug == ALL:
        slugs = ", ".join(each.slug for each in teams[:5])
        raise _Missing(_("This board is for all teams."), _("Yours is %(slug)s.") % {"slug": slugs})
    raise _Missing(_("There is no such board."), _("The organisation's board is “all”."))


def _context(shown: Board, wanted: Options) -> dict[str, object]:
    """Return what the templates name."""
    return {
        "board": shown,
        "options": wanted,
        "theme": wanted.theme,
        "lang": get_language(),
        "version": release(),
        "date": date_format(shown.now.astimezone(shown.zone), _("l j F")),
        "clock": clock(shown.now, shown.zone),
        "through": shown.fresh.through,
    }


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the page ask whether anything is another than before: most answers are that nothing is."""
    tag = f'W/"{hashlib.blake2b(_NOW.sub(b"", response.content), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": f"{PART}, Accept-Encoding"}
    if tag in parse_etags(request.META.get("HTTP_IF_NONE_MATCH", "")):
        return HttpResponseNotModified(headers=headers)
    for name, value in headers.items():
        response[name] = value
    return response


def _refused(request: HttpRequest, wanted: Options, stranger: Stranger) -> HttpResponse:
    """Say what is missing; a browser asks for a token only where one would help."""
    said = {
        WRONG_SCREEN: (
            _("This screen's token opens nothing."),
            _("It was revoked or mistyped. Make a screen under Settings."),
        ),
        NOT_READING: (_("The token may not read."), _("Make one with the scope read.")),
        IN_ADDRESS: (
            _("Tokens in addresses are refused."),
            _("A screen has a token of its own: make one under Settings."),
        ),
    }
    nobody = (_("This board needs a token."), _("Make a screen under Settings, or give a token as the password."))
    what, hint = said.get(stranger.why, nobody)
    status = HTTPStatus.UNAUTHORIZED if stranger.may_try or stranger.why == WRONG_SCREEN else HTTPStatus.FORBIDDEN
    response = _message(request, wanted, status, what, hint)
    if stranger.may_try:
        response["WWW-Authenticate"] = CHALLENGE
    return response


def _message(request: HttpRequest, wanted: Options, status: HTTPStatus, what: str, hint: str) -> HttpResponse:
    """Return a page that only says something; it needs no database."""
    context = {
        "what": what,
        "hint": hint,
        "theme": wanted.theme,
        "lang": get_language(),
        "again": status is HTTPStatus.SERVICE_UNAVAILABLE,
    }
    response = render(request, "wallboard/message.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
