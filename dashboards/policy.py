"""What every answer tells the browser it may do (ux, section 6)."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboards.static_files import map_style_hash

# An empty style element: chart libraries insert one and fill it by script.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


def _policy(*styles: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            " ".join(("style-src 'self'", *styles)),
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY = _policy(_EMPTY_STYLE)


def with_charts() -> str:
    """Return the policy of a page with charts, which knows the style sheet inside plotly.js too."""
    found = map_style_hash()
    return _policy(_EMPTY_STYLE, f"'{found}'") if found else CONTENT_SECURITY_POLICY


Answer = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class ContentSecurityPolicy:
    """Adds the policy to every answer, on threads and on an event loop alike."""

    sync_capable = True
    async_capable = True

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._is_async = iscoroutinefunction(answer)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._later(request)
        response = self._answer(request)
        assert isinstance(response, HttpResponseBase)
        return _with_policy(request, response)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        response = self._answer(request)
        assert not isinstance(response, HttpResponseBase)
        return _with_policy(request, await response)


def _with_policy(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    # Over http under a host's name browsers ignore it, and complain of it on every page.
    if request.is_secure():
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response
