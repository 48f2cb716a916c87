"""Sessions whose cookie is sent back over https alone once the visitor came by https."""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase


class Sessions(SessionMiddleware):
    """Marks the session's cookie as Secure for visitors who came by https.

    Behind a proxy we see plain http. What the proxy or the browser says is believed here, and only here, as it can only
    make one's own cookie stricter.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # type: ignore[override]
        """Save the session and mark its cookie."""
        answered = super().process_response(request, response)  # type: ignore[arg-type]
        cookie = answered.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and came_by_https(request):
            cookie["secure"] = True
        return answered


def came_by_https(request: HttpRequest) -> bool:
    """Whether the visitor's own connection was https, as far as anybody says."""
    return (
        request.is_secure()
        or request.META.get("HTTP_X_FORWARDED_PROTO", "") == "https"
        or request.META.get("HTTP_ORIGIN", "").startswith("https://")
    )
