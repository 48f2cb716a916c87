"""What the forms of the setup page do: make a service, a source, a token; send a test."""

import secrets
from base64 import b64encode
from http import HTTPStatus

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.access.refusals import private
from dashboards.frame.page import framed, visit_of
from dashboards.setup.lines import INCIDENT_SENDERS
from dashboards.setup.outcomes import query
from dashboards.setup.page import Fresh, shown
from plimsoll.errors import PlimsollError
from plimsoll.setup import trips
from plimsoll.setup.trips import Trip
from plimsoll.store import senders
from plimsoll.store.models import Source
from plimsoll.store.settings import services, sources, tokens

_TEST_WITHIN_S = 10.0
_LONGEST_NAME = 100


@acting("administer")
def make_service(deed: Deed) -> HttpResponse:
    """Make a service and go back to the checklist."""
    deed.require()
    given = deed.request.POST
    try:
        services.make_service(
            deed.actor,
            given.get("name", ""),
            namespace=given.get("namespace", ""),
            team=given.get("team", ""),
            tier=given.get("tier", ""),
        )
    except PlimsollError:
        return _page(deed, mistake=_("There is such a service already, or this is no name for one."))
    return HttpResponseRedirect(reverse("setup") + "#services")


@acting("administer")
def make_source(deed: Deed) -> HttpResponse:
    """Make a source with a secret of ours, or with a token where that is what the sender has, and show it once."""
    deed.require()
    provider = deed.request.POST.get("provider", "")
    known = senders.senders().get(provider)
    name = _named(deed, provider)
    if known is None or not trips.can_test(provider):
        return _page(deed, mistake=_("There is no such kind of sender."))
    secret = "" if known.accepts_token else _secret()
    try:
        with transaction.atomic():
            source = sources.make_source(deed.actor, provider, name, secret, {}, None)
            token = tokens.make_token(deed.actor, name, ["write"]) if known.accepts_token else ""
    except PlimsollError:
        return _page(deed, mistake=_("There is a source of this name already; choose another name."))
    return _page(deed, fresh=Fresh(provider, source.pk, secret, token, deed.request.POST.get("tool", "")))


@acting("administer")
def make_token(deed: Deed) -> HttpResponse:
    """Make a token for telemetry and show it once, in every snippet."""
    deed.require()
    cluster = _plain(deed.request.POST.get("cluster", ""))
    name = f"telemetry of {cluster}" if cluster else "telemetry"
    clear = tokens.make_token(deed.actor, name, ["ingest"], cluster=cluster)
    return _page(deed, fresh=Fresh(token=clear))


@acting("administer")
def send_test(deed: Deed) -> HttpResponse:
    """Send a test through the front door, and go back to its line."""
    deed.require()
    to = deed.request.POST.get("to", "")
    response = HttpResponseRedirect(reverse("setup"))
    if to == "telemetry":
        transaction.on_commit(lambda: _tell(response, "telemetry", trips.span(_TEST_WITHIN_S)))
        return response
    source = get_object_or_404(Source, pk=int(to) if to.isdecimal() and len(to) < 18 else 0)
    line = "incidents" if source.provider in INCIDENT_SENDERS and source.provider != "generic" else "deployments"
    # What a test makes must be seen by the other processes: it begins when this request's transaction has ended.
    transaction.on_commit(lambda: _tell(response, line, trips.webhook(source, _TEST_WITHIN_S)))
    return response


def _tell(response: HttpResponse, line: str, trip: Trip) -> None:
    response["Location"] = f"{reverse('setup')}{query(line, trip)}#{line}"


def _named(deed: Deed, default: str) -> str:
    return _plain(deed.request.POST.get("name", "")) or default


def _plain(text: str) -> str:
    return "".join(each for each in text if each.isprintable()).strip()[:_LONGEST_NAME]


def _secret() -> str:
    return b64encode(secrets.token_bytes(24)).decode().replace("+", "-").replace("/", "_")


def _page(deed: Deed, *, fresh: Fresh | None = None, mistake: str = "") -> HttpResponse:
    """Return the page itself: what is shown once has no address."""
    visit = visit_of(deed.request, deed.reader)
    context = {**framed(deed.request, visit, "setup"), **shown(visit, fresh=fresh, mistake=mistake)}
    status = HTTPStatus.BAD_REQUEST if mistake else HTTPStatus.OK
    return private(render(deed.request, "setup/page.html", {**context, "here": reverse("setup")}, status=status))
