"""What went wrong, as problem documents (RFC 9457) with a stable `code` that programs may compare."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException

from plimsoll.errors import PlimsollError, Unavailable
from plimsoll.store.queries.records import took_too_long

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong parameter, and how to mend it."""

    parameter: str
    message: str


class Problem(PlimsollError):
    """A request that gets no answer, and why."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        mistakes: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.mistakes = tuple(mistakes)
        self.headers = dict(headers or {})


# What a person reads first; the status alone says too little to a program, so `code` says the rest.
_TITLES = {
    400: "The request is wrong",
    401: "No valid token",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Format not available",
    409: "Conflict",
    429: "Too many requests",
    503: "Not available",
}

# What the framework itself refuses.
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable"}


def invalid(mistakes: Sequence[Mistake]) -> Problem:
    """Return the problem of wrong parameters; each is named."""
    names = ", ".join(dict.fromkeys(mistake.parameter for mistake in mistakes))
    return Problem(400, "invalid_parameter", f"Wrong parameters: {names}.", mistakes=mistakes)


def missing(what: str) -> Problem:
    """Return the problem of something that is not there, or is another team's: the two look the same."""
    return Problem(404, "not_found", f"There is no such {what}.")


def document(problem: Problem) -> HttpResponse:
    """Return the problem as an answer."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": _TITLES.get(problem.status, "Refused"),
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem),
    }
    if problem.mistakes:
        body["errors"] = [{"parameter": wrong.parameter, "message": wrong.message} for wrong in problem.mistakes]
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def explained(error: Exception) -> Problem | None:
    """Return the problem behind an error, or None when it is our own defect."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404, "not_found", "There is nothing at this address.")
    if isinstance(error, (OperationalError, InterfaceError)):
        return _database(error)
    if isinstance(error, Unavailable):
        return Problem(503, "unavailable", str(error), headers={"Retry-After": "5"})
    if isinstance(error, PlimsollError):
        return Problem(400, "refused", str(error))
    if isinstance(error, APIException):
        code = _CODES.get(error.status_code, "refused")
        return Problem(error.status_code, code, str(error.detail))
    return None


def answer(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an error of a view; None lets it through, to be logged as a defect."""
    problem = explained(error)
    return None if problem is None else document(problem)


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer an address of the API that does not exist."""
    return document(Problem(404, "not_found", "There is nothing at this address; /api/v1/ lists what there is."))


def _database(error: Exception) -> Problem:
    """Return the problem of a database that took too long, or is away."""
    if took_too_long(error):
        detail = "The database needed more than 10 s. Ask for a shorter time range or fewer rows."
        return Problem(503, "too_slow", detail, headers={"Retry-After": "10"})
    return Problem(503, "unavailable", "The database is away. Try again in a moment.", headers={"Retry-After": "5"})
