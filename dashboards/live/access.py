"""Whether somebody may listen: the same readers as of pages, asked once when a stream opens."""

from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from dashboards.readers import CHALLENGE, has_token_in_url, reader_of
from plimsoll.store.notices import TOPICS
from plimsoll.store.screens import screen_for

RETRY_AFTER_S = 5
# The parameter that a screen's address carries its token in.
SCREEN_TOKEN = "k"


class UnknownTopic(ValueError):
    """A topic that does not exist; the message says which there are."""


def topics(query: str) -> frozenset[str]:
    """Return the topics that a query string asks for: `topics=a,b`; all of them when it names none."""
    given = {name for value in QueryDict(query).getlist("topics") for name in value.split(",") if name}
    if unknown := sorted(given - set(TOPICS)):
        raise UnknownTopic(f"There is no topic {unknown[0][:40]!r}; there are {', '.join(TOPICS)}.")
    return frozenset(given or TOPICS)


# Nothing is changed here: what is not reading is refused as such, whoever sends it.
@csrf_exempt
@require_safe
def admitted(request: HttpRequest) -> HttpResponse:
    """Answer 204 when the stream may open, else why not."""
    try:
        topics(request.META.get("QUERY_STRING", ""))
        if has_token_in_url(request):
            return _refused(HTTPStatus.UNAUTHORIZED, "Tokens in addresses are refused.")
        if SCREEN_TOKEN in request.GET:
            return _screened(request.GET[SCREEN_TOKEN])
        reader = reader_of(request)
    except UnknownTopic as error:
        return _refused(HTTPStatus.BAD_REQUEST, str(error))
    except (OperationalError, InterfaceError):
        answer = _refused(HTTPStatus.SERVICE_UNAVAILABLE, "The database is away; ask again.")
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    if reader is None:
        return _refused(HTTPStatus.UNAUTHORIZED, "This needs a token, or signing in.")
    if not reader.may("read"):
        return _refused(HTTPStatus.FORBIDDEN, "The token may not read.")
    return _unkept(HttpResponse(status=HTTPStatus.NO_CONTENT))


def _screened(clear: str) -> HttpResponse:
    """Answer a screen on a wall, whose token opens its board and what the board listens to."""
    if screen_for(clear) is None:
        return _refused(HTTPStatus.FORBIDDEN, "This screen's token opens nothing.")
    return _unkept(HttpResponse(status=HTTPStatus.NO_CONTENT))


def _refused(status: HTTPStatus, why: str) -> HttpResponse:
    answer = HttpResponse(why + "\n", status=status, content_type="text/plain; charset=utf-8")
    if status is HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = CHALLENGE
    # Whoever asked is told; a page that is open in a hundred tabs must not fill the log.
    setattr(answer, "_has_been_logged", True)  # noqa: B010 - Django's own mark, unknown to the type checker
    return _unkept(answer)


def _unkept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer
