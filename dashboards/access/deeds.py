"""Changes that people make by forms: who may, from where, and what the audit says about it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from dashboards.access.doors import to_sign_in
from dashboards.access.refusals import refused
from dashboards.frame.page import NotHere, message, unanswered
from dashboards.readers import Reader, address, has_token_in_url, reader_of
from plimsoll.store.audit import Actor, Difference, Done, audited
from plimsoll.store.roles import Action

P = ParamSpec("P")


class NotAllowed(Exception):
    """The reader may not do this; `team` is whose admins could grant it."""

    def __init__(self, action: Action, team: int | None = None) -> None:
        super().__init__(action)
        self.action = action
        self.team = team


class NeverAsked(Exception):
    """A deed did not ask whether it is allowed: a defect of ours, so what it did is undone."""


@dataclass(slots=True)
class Deed:
    """A change under way: the request, whose it is, and what it takes."""

    request: HttpRequest
    reader: Reader
    action: Action
    is_allowed: bool = False

    @property
    def actor(self) -> Actor:
        """The person as the audit names them."""
        person = self.reader.person
        return Actor(self.reader.name, person.id if person else None, address(self.request))

    def require(self, *teams: int | None) -> None:
        """Raise NotAllowed unless the reader may do this on something of one of these teams, or of the organisation."""
        wanted = teams or (None,)
        if not any(self.reader.may(self.action, team) for team in wanted):
            raise NotAllowed(self.action, wanted[0])
        self.is_allowed = True

    def audited(self, action: Done, target: str) -> AbstractContextManager[Difference]:
        """Make a change with its line in the audit."""
        return audited(self.actor, action, target)


Act = Callable[Concatenate[Deed, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def acting(action: Action) -> Callable[[Act[P]], View[P]]:
    """Make a function of a deed into a POST view, in one transaction, for people who may do this.

    The function itself finds out whose the thing is that it changes, and calls `deed.require(team)` before it does; a
    function that forgets to is undone. Visitors who have not signed in are sent to do so; tokens belong to the API, and
    whoever else may not hears who can grant it.
    """

    def decorated(act: Act[P]) -> View[P]:
        @wraps(act)
        def view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                reader = None if has_token_in_url(request) else reader_of(request)
                if reader is None:
                    return to_sign_in(request)
                if reader.token is not None:
                    return refused(request, _("Forms are for people who have signed in; a token uses the API."))
                deed = Deed(request, reader, action)
                with transaction.atomic():
                    response = act(deed, *args, **kwargs)
                    if not deed.is_allowed:
                        # Not by `assert`, which an optimised Python leaves out.
                        raise NeverAsked(act.__name__)
            except (OperationalError, InterfaceError) as error:
                return unanswered(request, error)
            except NotAllowed as error:
                return refused(request, _words(error.action), error.team)
            except NotHere as missing:
                hint = _("Look for it, or go on from the top bar.")
                return message(request, HTTPStatus.NOT_FOUND, str(missing), hint)
            return response

        # Whoever looks for pages finds that this is none.
        setattr(view, "is_deed", True)  # noqa: B010 - functions have no such attribute to the type checker
        return require_POST(csrf_protect(view))  # type: ignore[return-value]

    return decorated


def _words(action: Action) -> str:
    """Return what was refused, in words."""
    return {
        "read": _("You may not see this."),
        "act": _("You may look at this, and not act on it: that needs the role member."),
        "claim": _("You may look at services, and not claim one for this team: that needs the role member."),
        "manage": _("You may not change what belongs to this team: that needs the role team admin."),
        "administer": _("You may not change this: that needs the role site admin."),
    }[action]
