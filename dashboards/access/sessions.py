"""Sessions whose cookies are sent back over https alone once the visitor came by https."""

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase


class Sessions(SessionMiddleware):
    """Marks the cookies of the session and of its forms as Secure for visitors who came by https.

    Behind a proxy that does not say so we see plain http. What the browser says is believed here, and only here, as it
    can only make one's own cookies stricter.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:  # type: ignore[override]
        """Save the session and mark the cookies."""
        answered = super().process_response(request, response)  # type: ignore[arg-type]
        if came_by_https(request):
            for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                if name in answered.cookies:
                    answered.cookies[name]["secure"] = True
        return answered


def came_by_https(request: HttpRequest) -> bool:
    """Whether the visitor's own connection was https, as far as anybody says."""
    return request.is_secure() or request.META.get("HTTP_ORIGIN", "").startswith("https://")
