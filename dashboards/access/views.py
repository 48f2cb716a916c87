"""Signing in and out, choosing a password, and the first person of an installation."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboards.access.doors import to_sign_in
from dashboards.access.forms import ChangedPassword, First, NewPassword, SignIn
from dashboards.access.refusals import private
from dashboards.frame.page import bare, unanswered
from dashboards.frame.preferences import own_path
from dashboards.readers import address, reader_of
from plimsoll.errors import PlimsollError
from plimsoll.store import notices, people
from plimsoll.store.audit import Actor, record
from plimsoll.store.passwords import is_first_link, set_password, user_of_link
from plimsoll.store.sign_in import MustWait, proven, signed_in

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def _form_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view of a page with one form of secrets: by GET and POST, protected, and kept by nobody."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return private(view(request, *args, **kwargs))
        except (OperationalError, InterfaceError) as error:
            return unanswered(request, error)

    return require_http_methods(["GET", "HEAD", "POST"])(csrf_protect(sensitive_post_parameters()(guarded)))


@_form_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in who knows their password, and lead them to where they wanted to go."""
    onward = own_path(request.POST.get("next") or request.GET.get("next") or "/")
    if request.method != "POST":
        return _shown(request, "access/sign_in.html", SignIn(), next=onward, nobody=not people.is_anybody())
    form = SignIn(request.POST)
    if form.is_valid():
        try:
            user = signed_in(form.cleaned_data["name"], form.cleaned_data["password"], address(request))
        except MustWait as wait:
            return _must_wait(request, "access/sign_in.html", form, wait, next=onward)
        if user is not None:
            _let_in(request, user)
            return HttpResponseRedirect(onward)
        form.add_error(None, _("Name and password do not go together. Check both, or ask a site admin for a new link."))
    return _shown(request, "access/sign_in.html", form, next=onward)


@require_POST
@csrf_protect
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    reader = reader_of(request)
    if reader is not None and reader.person is not None:
        actor = Actor(reader.name, reader.person.id, address(request))
        record(actor, "sign_out", f"person {reader.name}")
    logout(request)
    notices.access_changed()
    return HttpResponseRedirect(reverse("sign_in"))


@_form_page
def by_link(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Let somebody choose a password by the link that an admin gave them; looking at it uses nothing up."""
    user = user_of_link(uid, token)
    if user is None:
        return _worthless(request)
    form = NewPassword(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        return _shown(request, "access/by_link.html", form, name=user.username)
    actor = Actor(user.username, user.pk, address(request))
    _let_in(request, set_password(actor, user.pk, form.cleaned_data["password"]))
    return HttpResponseRedirect("/")


def first_person(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have a page take the link that `plimsoll up` prints (`?t=`): whoever opens it becomes the first site admin."""

    @wraps(view)
    def with_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "t" in request.GET:
            return _first(request)
        return view(request, *args, **kwargs)

    return with_first


@_form_page
def _first(request: HttpRequest) -> HttpResponse:
    token = request.GET["t"]
    if people.is_anybody():
        reader = reader_of(request)
        # Whoever opens the link again after they have used it is where they wanted to be.
        if reader is not None and reader.person is not None:
            return HttpResponseRedirect(reverse("setup"))
        return _worthless(request, is_first=True)
    if not is_first_link(token):
        return _worthless(request, is_first=True)
    form = First(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = people.add_first(form.cleaned_data["name"], form.cleaned_data["password"], address(request))
        except PlimsollError:
            return _worthless(request, is_first=True)
        _let_in(request, User.objects.get(pk=made.id))
        return HttpResponseRedirect(reverse("setup"))
    return _shown(request, "access/first.html", form)


@_form_page
def change_password(request: HttpRequest) -> HttpResponse:
    """Let somebody who has signed in choose another password, which ends their other sessions."""
    reader = reader_of(request)
    if reader is None or reader.person is None:
        return to_sign_in(request)
    user = User.objects.get(pk=reader.person.id)
    actor = Actor(user.username, user.pk, address(request))
    form = ChangedPassword(request.POST if request.method == "POST" else None, user=user)
    is_done = False
    if form.is_valid():
        try:
            # As at the door: a session that somebody left open is no way to try passwords.
            is_theirs = proven(user.username, form.cleaned_data["old"], address(request)) is not None
        except MustWait as wait:
            return _must_wait(request, "access/password.html", form, wait, name=user.username)
        if is_theirs:
            user = set_password(actor, user.pk, form.cleaned_data["password"])
            _let_in(request, user)
            is_done, form = True, ChangedPassword(user=user)
        else:
            record(actor, "set_password_failed", f"person {user.username}")
            form.add_error("old", _("This is not your password so far."))
    return _shown(request, "access/password.html", form, name=user.username, is_done=is_done)


def _let_in(request: HttpRequest, user: User) -> None:
    """Begin a session under a new key, and forget sessions that have ended."""
    login(request, user, backend=_BACKEND)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def _worthless(request: HttpRequest, *, is_first: bool = False) -> HttpResponse:
    context = {**bare(request), "is_first": is_first, "nobody": not people.is_anybody()}
    return render(request, "access/worthless.html", context, status=HTTPStatus.GONE)


def _shown(
    request: HttpRequest, template: str, form: Form, status: HTTPStatus = HTTPStatus.OK, **context: object
) -> HttpResponse:
    return render(request, template, {**bare(request), "form": form, **context}, status=status)


def _must_wait(request: HttpRequest, template: str, form: Form, wait: MustWait, **context: object) -> HttpResponse:
    form.add_error(None, _wait_words(wait.seconds))
    response = _shown(request, template, form, HTTPStatus.TOO_MANY_REQUESTS, **context)
    response["Retry-After"] = str(wait.seconds)
    return response


def _wait_words(seconds: int) -> str:
    if seconds < 90:
        words = ngettext(
            "Too many tries that failed. Wait %(n)s second, then try again.",
            "Too many tries that failed. Wait %(n)s seconds, then try again.",
            seconds,
        )
        return words % {"n": seconds}
    minutes = -(-seconds // 60)
    words = ngettext(
        "Too many tries that failed. Wait %(n)s minute, then try again.",
        "Too many tries that failed. Wait %(n)s minutes, then try again.",
        minutes,
    )
    return words % {"n": minutes}
