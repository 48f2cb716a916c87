"""Laying the map out anew: what was kept of its places is forgotten, on request alone."""

from typing import Final

from django.http import HttpResponse, HttpResponseRedirect

from dashboards.access.deeds import Deed, acting
from dashboards.frame.preferences import own_path
from plimsoll.store import layouts

_LONGEST: Final = 2_000


@acting("act")
def anew(deed: Deed) -> HttpResponse:
    """Forget the places of a scope, and go back to the map, which is then laid out from scratch."""
    deed.require()
    scope = deed.request.POST.get("scope", "")[:_LONGEST]
    with deed.audited("lay_out", f"map {scope}"):
        layouts.forget(scope)
    return HttpResponseRedirect(own_path(deed.request.POST.get("next", "")))
