"""What every view of the API does: who asks, how often, with which parameters, and how errors look."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dashboards.api.answers import CACHING, answered
from dashboards.api.cells import csv_lines, ndjson_lines, record
from dashboards.api.formats import RENDERERS, OneFormat, streamed
from dashboards.api.limits import Taken, windows
from dashboards.api.openapi import Described
from dashboards.api.parameters import Given, Parameter, read
from dashboards.api.problems import Problem, answer
from dashboards.readers import CHALLENGE, Reader, address, caller_of, has_token_in_url
from plimsoll.store.queries.datasets import Column
from plimsoll.store.queries.records import bounded

Rows = Iterable[Sequence[object]]

ONLY_JSON = Parameter("format", "Always JSON.", choices=("json",))
FORMAT = Parameter("format", "The answer's format; without it `Accept` decides.", choices=("json", "csv", "ndjson"))
RAW = Parameter("raw", "1: CSV cells that look like formulas are not quoted.", "flag", formats=frozenset({"csv"}))
BOM = Parameter("bom", "1: begin the CSV file with a byte order mark, for Excel.", "flag", formats=frozenset({"csv"}))


class View(APIView):
    """A view of the API: `scope` is what the token must allow, None for what holds no data."""

    scope: ClassVar[str | None] = "read"
    parameters: ClassVar[tuple[Parameter, ...]] = (ONLY_JSON,)
    http_method_names = ["get", "head"]
    answer_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    renderer_classes = RENDERERS[:1]
    content_negotiation_class = OneFormat
    schema = Described()
    # Authentication is ours (`initial`): a token is not a user, and nothing here ever looks at cookies.
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[type[BasePermission]] = ()

    taken: Taken | None = None
    reader: Reader | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who asks, and refuse who may not."""
        plain = request._request
        if has_token_in_url(plain):
            raise _unauthenticated("Tokens in addresses are refused; send it as Authorization: Bearer <token>.")
        self.reader = caller_of(plain)
        self.taken = windows.take(self.reader.key if self.reader else address(plain))
        if not self.taken.allowed:
            raise Problem(429, "rate_limited", "More than 600 requests in a minute; wait as Retry-After says.")
        if self.scope is not None or "HTTP_AUTHORIZATION" in plain.META:
            self._admit(plain)
        super().initial(request, *args, **kwargs)

    def _admit(self, request: HttpRequest) -> None:
        """Refuse a reader without the scope, and writing that another site's page asked the browser for."""
        if self.reader is None:
            sent = "HTTP_AUTHORIZATION" in request.META
            hint = "The token is wrong, has expired or was revoked." if sent else "This needs a token."
            raise _unauthenticated(f"{hint} Send it as Authorization: Bearer <token>, or as the password of Basic.")
        if self.scope is not None and not self.reader.may(self.scope):
            raise Problem(403, "forbidden", f"The token lacks the scope {self.scope}.")
        # A browser adds remembered Basic credentials to any site's request.
        site = request.META.get("HTTP_SEC_FETCH_SITE", "none")
        if request.method not in ("GET", "HEAD") and site not in ("none", "same-origin"):
            raise Problem(403, "forbidden", "Pages of other sites may not change anything here.")

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Say how many requests are left."""
        finished: HttpResponseBase = super().finalize_response(request, cast(Response, response), *args, **kwargs)
        for name, value in (self.taken.headers if self.taken else {}).items():
            finished[name] = value
        return finished

    def get_exception_handler(self) -> Any:
        """Answer errors as problem documents."""
        return answer

    @property
    def team(self) -> int | None:
        """The team that the reader is limited to."""
        return self.reader.team if self.reader else None

    def given(self) -> Given:
        """Return the request's parameters, checked."""
        return read(self.request.query_params, self.parameters, self.output, ZoneInfo(settings.TIME_ZONE))

    @property
    def output(self) -> str:
        """The format of the answer."""
        return str(self.request.accepted_renderer.format)


class Table(View, ABC):
    """A view whose answer is a small table that is computed at once."""

    renderer_classes = RENDERERS
    name: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    # the query parameters besides those of the formats
    own_parameters: ClassVar[tuple[Parameter, ...]] = ()
    # members of the answer that only say when it was computed
    passing: ClassVar[tuple[str, ...]] = ("as_of", "from", "to")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.parameters = (*cls.own_parameters, FORMAT, RAW, BOM)

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the rows."""
        given = self.given()
        with bounded():
            rows, about = self.computed(given)
        if self.output == "json":
            results = [record(self.columns, row) for row in rows]
            body = {"results": results, "next": None, "cursor": None, **about}
            return answered(request._request, body, self.passing)
        return self.download(rows, given)

    @abstractmethod
    def computed(self, given: Given) -> tuple[list[Sequence[object]], dict[str, object]]:
        """Return the rows, and what else is said about them in JSON."""

    def download(self, rows: Rows, given: Given) -> HttpResponseBase:
        """Return the rows as CSV or NDJSON."""
        return download(self, self.columns, rows, given, self.name)


def download(view: View, columns: Sequence[Column], rows: Rows, given: Given, name: str) -> HttpResponseBase:
    """Stream rows as CSV or NDJSON, whichever the view's request wants."""
    if view.output == "csv":
        lines = csv_lines(columns, rows, raw=given.flag("raw"), bom=given.flag("bom"))
    else:
        lines = ndjson_lines(columns, rows)
    response = streamed(view.request._request, lines, view.request.accepted_renderer, name)
    response["Cache-Control"] = CACHING["Cache-Control"]
    return response


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": CHALLENGE})
