"""What all pages share: who reads, what is asked for, how fresh it is, and what happens when something is missing."""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import plimsoll
from dashboards.access.doors import to_sign_in
from dashboards.frame.bar import Bar, bar
from dashboards.frame.filters import Filters, filters
from dashboards.frame.freshness import freshness
from dashboards.frame.navigation import navigation
from dashboards.frame.numbers import number_of
from dashboards.frame.preferences import theme_of
from dashboards.frame.states import State, failed, loading
from dashboards.policy import with_charts
from dashboards.readers import CHALLENGE, Reader, has_token_in_url, reader_of
from plimsoll.store.queries.board import telemetry_through
from plimsoll.store.queries.owners import slug_of, visible_teams
from plimsoll.store.queries.records import STATEMENT_TIMEOUT_MS, bounded, took_too_long

# Forms carry a token that differs in every answer though nothing else does. Each by itself: an expression that begins
# in one way is searched for eight times as fast as one that may begin in two.
_FORM_TOKENS: Final = (
    re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(rb'"X-CSRFToken": *"[^"]*"'),
)

log = logging.getLogger(__name__)

# How often a page without a database looks whether it is back.
AGAIN_S: Final = 15
_MESSAGES: Final = {HTTPStatus.NOT_FOUND: "404.html", HTTPStatus.SERVICE_UNAVAILABLE: "503.html"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page: who reads, what is asked for, and when. Notices are shown on top of the page.

    `left_out` are those of them that tell of a part of the address that nothing can be made of.
    """

    request: HttpRequest
    reader: Reader
    filters: Filters
    now: datetime
    bar: Bar
    notices: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def leave_out(self, notice: str) -> None:
        """Tell, once, that a part of the address was left out."""
        if notice not in self.left_out:
            self.notices.append(notice)
            self.left_out.append(notice)

    def knows(self, name: str, value: str, known: Sequence[str]) -> bool:
        """Whether what the address gives to a parameter is one of the known values; another one is told."""
        if value and value not in known:
            said = {"name": name, "value": value[:20], "known": ", ".join(known)}
            self.notices.append(_("There is no %(name)s “%(value)s”, but %(known)s.") % said)
        return value in known

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that the page's times and days are in."""
        return self.filters.zone


class NotHere(Exception):
    """There is no such thing, or none that this reader may see; the text says what was looked for."""


Context = Mapping[str, object]
Content = Callable[..., Context | HttpResponse]
View = Callable[..., HttpResponse]


def page(template: str, *, name: str, charts: bool = False) -> Callable[[Content], View]:
    """Make a page of a function from a visit (and what the address names) to what the template shows.

    `name` is that of its entry in the top bar. With `charts` the page may draw with plotly.js. Answers to htmx are the
    bare content; every answer has an ETag.
    """

    def decorate(content: Content) -> View:
        @require_safe
        @wraps(content)
        def view(request: HttpRequest, **named: Any) -> HttpResponse:
            try:
                return _answer(request, content, named, template, name, charts)
            except (OperationalError, InterfaceError) as error:
                return unanswered(request, error)

        return view

    return decorate


def _answer(
    request: HttpRequest, content: Content, named: Mapping[str, Any], template: str, name: str, charts: bool
) -> HttpResponse:
    reader = reader_of(request)
    if has_token_in_url(request) or reader is None or not reader.may("read"):
        return unauthenticated(request)
    with bounded():
        visit = visit_of(request, reader)
        try:
            if any("\0" in str(value) for value in named.values()):
                raise NotHere(_("There is nothing of this name."))
            shown = content(visit, **named)
        except NotHere as missing:
            return message(request, HTTPStatus.NOT_FOUND, str(missing), _("Look for it, or go on from the top bar."))
        if isinstance(shown, HttpResponse):
            return shown
        context = {**_inside(framed(request, visit, name), shown), "has_charts": charts}
        response = render(request, template, context)
    if charts:
        response["Content-Security-Policy"] = with_charts()
    return _kept(request, response)


def _inside(frame: Context, shown: Context) -> Context:
    """Return what a frame and its page name; a page that takes a name of the frame would take away a part of it."""
    if taken := frame.keys() & shown.keys():
        raise ValueError(f"The page takes names of the frame: {', '.join(sorted(taken))}")
    return {**frame, **shown}


def visit_of(request: HttpRequest, reader: Reader, now: datetime | None = None) -> Visit:
    """Return the visit that a request is, limited to what the reader may see."""
    now = now or timezone.now()
    left_out = _without_nothing(request)
    asked = filters(request.GET, now, ZoneInfo(settings.TIME_ZONE), request.path)
    notices = [*left_out, *asked.notices]
    if reader.teams is not None and reader.team is not None:
        if set(asked.teams) - visible_teams(asked.teams, reader.teams):
            is_one = len(reader.teams) == 1
            notices.append(
                _("You may see one team alone, which is shown here.")
                if is_one
                else _("You may see your own teams alone; one of them is shown here.")
            )
        asked = asked.limited_to(slug_of(reader.team))
    controls = bar(asked, reader.teams)
    known = asked.narrowed(controls.teams, controls.services, controls.environments, controls.clusters)
    unknown = [*asked.notices, *controls.notices]
    return Visit(request, reader, known, now, controls, [*notices, *controls.notices], unknown)


def _without_nothing(request: HttpRequest) -> list[str]:
    """Leave out of the address what holds the character of code nought, and return what to say of that.

    The database has no such character, so nothing is called so: to ask for it would fail, not find nothing.
    """
    if not any("\0" in value for _name, values in request.GET.lists() for value in values):
        return []
    given = request.GET.copy()
    for name, values in request.GET.lists():
        given.setlist(name, [value for value in values if "\0" not in value])
    request.GET = cast(Any, given)
    return [_("A part of the address holds a character that no name has; it is left out.")]


def framed(request: HttpRequest, visit: Visit, name: str) -> dict[str, object]:
    """Return what the frame of a page names."""
    return {
        **bare(request),
        "visit": visit,
        "person": visit.reader.person,
        "filters": visit.filters,
        "bar": visit.bar,
        "page_opened": f"{visit.now.astimezone(visit.zone):%Y-%m-%d %H:%M}",
        "nav": navigation(name, visit.filters),
        "freshness": freshness(telemetry_through(), visit.now, visit.zone),
        "notices": visit.notices,
        "parts": parts(),
        "frame": "fragment.html" if getattr(request, "htmx", False) else "page.html",
    }


def parts() -> dict[str, State]:
    """Return what is said of parts that are asked for later; `parts.js` puts in what it knows then."""
    return {
        "waiting": loading(8),
        "kept": failed(_("This part could not be updated. It is as it was at {time}."), request_id="{id}"),
        "unopened": failed(_("This could not be opened here. The page behind it works."), request_id="{id}"),
    }


def bare(request: HttpRequest) -> dict[str, object]:
    """Return what even a page without a database names."""
    return {
        "theme": theme_of(request),
        "lang": get_language(),
        "languages": settings.LANGUAGES,
        "version": plimsoll.__version__,
        "here": request.get_full_path(),
    }


def unauthenticated(request: HttpRequest) -> HttpResponse:
    """Ask who it is: people on the page for that; programs, and whoever sent something wrong, for a token."""
    if "text/html" in request.headers.get("Accept", "") and "HTTP_AUTHORIZATION" not in request.META:
        return to_sign_in(request)
    hint = _("Give it as the password; the user name does not matter.")
    what = _("Tokens in addresses are refused.") if has_token_in_url(request) else _("This page needs a token.")
    response = message(request, HTTPStatus.UNAUTHORIZED, what, hint)
    response["WWW-Authenticate"] = CHALLENGE
    return response


def unanswered(request: HttpRequest, error: Exception) -> HttpResponse:
    """Say that the database does not answer, or not in time; a page without it tries again by itself."""
    number, is_slow = logged(request, error), took_too_long(error)
    what = _("This page takes too long.") if is_slow else _("The database is away.")
    context = {
        "state": failed(_too_slow() if is_slow else _no_database(), request_id=number),
        "every": 0 if is_slow else AGAIN_S,
        "is_own_database": not is_slow and not settings.DATABASE_URL,
    }
    response = message(request, HTTPStatus.SERVICE_UNAVAILABLE, what, "" if is_slow else _tried(), context)
    response["Retry-After"] = str(AGAIN_S)
    return numbered(response, number)


def _too_slow() -> str:
    text = _("One question to the database took longer than %(n)d s. Other pages work; so may a shorter range.")
    return text % {"n": STATEMENT_TIMEOUT_MS // 1000}


def _no_database() -> str:
    return _("Until it is back no page opens. Open pages keep what they show; senders are asked to come again.")


def _tried() -> str:
    now = timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))
    said = {"time": f"{now:%H:%M:%S}", "seconds": AGAIN_S}
    return _("Tried at %(time)s. This page tries again every %(seconds)d seconds.") % said


def logged(request: HttpRequest, error: Exception) -> str:
    """Write down that the database failed a request, and return the request's number."""
    number = number_of(request)
    log.error("Request %s of %s %s: %s", number, request.method, request.path, error)
    return number


def numbered(response: HttpResponse, number: str) -> HttpResponse:
    """Give an answer the number that the log has."""
    response["X-Request-ID"] = number
    # It is written down already: Django must not do so again without the number.
    setattr(response, "_has_been_logged", True)  # noqa: B010 - Django's own mark, unknown to the type checker
    return response


def message(
    request: HttpRequest, status: HTTPStatus, what: str, hint: str, more: Context | None = None
) -> HttpResponse:
    """Return a page that only says something; it needs no database."""
    template = _MESSAGES.get(status, "message.html")
    context = {**bare(request), "what": what, "hint": hint, "nav": navigation("", None), **(more or {})}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the browser keep the answer and ask whether it is still the same."""
    content = response.content
    for token in _FORM_TOKENS:
        content = token.sub(b"", content)
    tag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    caching = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "HX-Request, Accept-Encoding"}
    if tag in known:
        return HttpResponseNotModified(headers=caching)
    for header, value in caching.items():
        response[header] = value
    return response
