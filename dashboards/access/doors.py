"""The way to the sign-in page, and back from it."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from dashboards.frame.preferences import own_path


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page, and back here afterwards; a form that was sent goes back to its page."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else referring(request)
    return HttpResponseRedirect(f"{reverse('sign_in')}?{urlencode({'next': back})}")


def referring(request: HttpRequest) -> str:
    """Return the path of our page that the request comes from, else the front page."""
    came_from = request.META.get("HTTP_REFERER", "")
    root = f"{request.scheme}://{request.get_host()}"
    return own_path(came_from.removeprefix(root)) if came_from.startswith(f"{root}/") else "/"
