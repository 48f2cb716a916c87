"""The language and the theme of a request: from the address, else from a cookie, else as the browser says."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

THEMES: Final = ("light", "dark")
_A_YEAR_S: Final = 365 * 86400


class Preferences:
    """Activates the request's language, and says what it is."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            response = self._answer(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def language_of(request: HttpRequest) -> str:
    """Return the language code: `lang` in the address, the cookie, or the best that the browser accepts."""
    asked = _asked(request, "lang").casefold()
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language_from_request(request)


def theme_of(request: HttpRequest, default: str = "") -> str:
    """Return the theme: `theme` in the address, the cookie, or the default; empty means as the system has it."""
    for asked in (_asked(request, "theme"), request.COOKIES.get("theme", "")):
        if asked in THEMES:
            return asked
    return default


def _asked(request: HttpRequest, name: str) -> str:
    """Return a parameter of the address; none where there are too many, which is refused in a page that asks again."""
    try:
        return request.GET.get(name, "")
    except TooManyFieldsSent:
        return ""


@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Keep the language or the theme in a cookie, and go back to the page."""
    response = HttpResponseRedirect(own_path(request.POST.get("next", "")))
    if (theme := request.POST.get("theme")) is not None:
        response.set_cookie("theme", theme if theme in THEMES else "", max_age=_A_YEAR_S, samesite="Lax")
    if (language := request.POST.get("lang", "")) in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=_A_YEAR_S, samesite="Lax")
    return response


def own_path(target: str) -> str:
    """Return the target if it is a path of ours, else the first page: no address leads elsewhere by itself."""
    parts = urlsplit(target)
    is_own = target.startswith("/") and not target.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return target if is_own and target.isprintable() else "/"
