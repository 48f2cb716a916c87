"""Panels that stand alone: one that cannot be computed says so in its place, and the rest of the page works."""

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboards.frame.numbers import number_of
from dashboards.frame.page import NotHere
from dashboards.frame.states import Action, State, failed
from plimsoll.store.queries.records import took_too_long

T = TypeVar("T")
log = logging.getLogger(__name__)


class Asked(Protocol):
    """What a panel is computed for: somebody's visit, or a screen's look."""

    @property
    def request(self) -> HttpRequest:
        """The request that is answered."""


class _Unknown(Exception):
    """Something that a panel is computed from could not be computed."""

    def __init__(self, state: State) -> None:
        super().__init__(state.text)
        self.state = state


def panel(visit: Asked, compute: Callable[[], T], text: str = "", action: Action | None = None) -> T | State:
    """Return what a panel shows, or the state that says that it failed; `text` says so better than we can here.

    What failed is our defect, or took the database too long: the log has it with the number that the state names.
    """
    try:
        # What fails in the database fails to here; what was read before stands.
        with transaction.atomic():
            return compute()
    except _Unknown as error:
        return error.state
    except Exception as error:
        if isinstance(error, NotHere) or _is_away(error):
            raise
        number = number_of(visit.request)
        log.exception("Request %s of %s %s: a panel failed.", number, visit.request.method, visit.request.path)
        return failed(text or _reason(error), action, number)


def known(value: T | State) -> T:
    """Return what another panel computed; where that failed, this one fails likewise."""
    if isinstance(value, State):
        raise _Unknown(value)
    return value


def _is_away(error: Exception) -> bool:
    """Whether there is no database: then nothing else on the page works either."""
    return isinstance(error, (OperationalError, InterfaceError)) and not took_too_long(error)


def _reason(error: Exception) -> str:
    if took_too_long(error):
        return _("This took the database too long. The rest of the page works; so may a shorter range.")
    return _("This could not be computed. The rest of the page works.")
