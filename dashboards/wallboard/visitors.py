"""Who looks at a board: a screen by the token in its address, or whoever may read anything."""

from dataclasses import dataclass

from django.http import HttpRequest

from dashboards.readers import has_token_in_url, reader_of
from plimsoll.store.screens import screen_for

SCREEN_TOKEN = "k"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may look at boards: at all of them, or at those of some teams (by id)."""

    teams: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who may not; `may_try` when a token would help."""

    why: str
    may_try: bool = True


WRONG_SCREEN, NOBODY, NOT_READING, IN_ADDRESS = "screen", "nobody", "not_reading", "in_address"


def visitor_of(request: HttpRequest) -> Visitor | Stranger:
    """Return who looks. A wrong token is never mended by anything else: what was sent on purpose is judged alone."""
    if has_token_in_url(request):
        return Stranger(IN_ADDRESS)
    if (clear := request.GET.get(SCREEN_TOKEN)) is not None:
        screen = screen_for(clear)
        if screen is None:
            return Stranger(WRONG_SCREEN, may_try=False)
        return Visitor(None if screen.team_id is None else frozenset({screen.team_id}))
    reader = reader_of(request)
    if reader is None:
        return Stranger(NOBODY)
    if not reader.may("read"):
        return Stranger(NOT_READING, may_try=False)
    return Visitor(reader.teams)
