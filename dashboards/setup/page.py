"""The setup page: the checklist with all that its lines need, and what was received or refused lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.frame.states import State
from dashboards.readers import Reader
from dashboards.setup.lines import DEPLOYMENT_SENDERS, INCIDENT_SENDERS, checklist
from dashboards.setup.log import entries
from dashboards.setup.outcomes import Tested, tested
from plimsoll.env import Address
from plimsoll.setup import snippets, trips
from plimsoll.setup.addresses import Endpoint, endpoint, host_of
from plimsoll.store.catalog_file import applying
from plimsoll.store.models import Source, Team
from plimsoll.store.queries import setup as stored

TELEMETRY: Final = ("collector", "istio", "linkerd", "envoy", "sdk")
# Snippets of the line on deployments, and of the one on incidents, with the kind of sender of each.
DEPLOYMENTS: Final = ("github", "gitlab", "jenkins", "argo", "curl")
INCIDENTS: Final = ("alertmanager", "incident")


@dataclass(frozen=True, slots=True)
class Fresh:
    """What was just made and is shown this once: a source with its secret or token, or a token for telemetry."""

    provider: str = ""
    source: int | None = None
    secret: str = ""
    token: str = ""
    # the tool whose form was sent: several have the same provider
    tool: str = ""


@dataclass(frozen=True, slots=True)
class SourceShown:
    """A source with its address, and what is known of it."""

    source: Source
    hook: str
    can_test: bool
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool that sends: its snippet as filled in as it can be, and the sources that there are for it."""

    name: str
    title: str
    provider: str
    text: str
    sources: tuple[SourceShown, ...] = ()
    # what the next source would be called
    name_for_new: str = ""
    is_open: bool = False
    fresh: Fresh | None = None


@page("setup/page.html", name="setup")
def setup(visit: Visit) -> Mapping[str, object]:
    """Show how this installation stands and how to connect it."""
    return shown(visit, tested(visit.request.GET))


def shown(visit: Visit, test: Tested | None = None, fresh: Fresh | None = None, mistake: str = "") -> dict[str, object]:
    """Return what the page shows; `fresh` and `mistake` are those of a form that was just sent."""
    is_admin = may_administer(visit.reader)
    receiver = receiver_of(visit.request)
    sources = stored.sources_of({*DEPLOYMENT_SENDERS, *INCIDENT_SENDERS}) if is_admin else []
    return {
        "heading": _("Setup"),
        "checklist": checklist(visit),
        "is_admin": is_admin,
        "no_permission": None if is_admin else _ask_an_admin(),
        "teams": Team.objects.order_by("name").values_list("slug", "name") if is_admin else (),
        "deployment_tools": _tools(visit.request, DEPLOYMENTS, sources, fresh) if is_admin else (),
        "incident_tools": _tools(visit.request, INCIDENTS, sources, fresh) if is_admin else (),
        "telemetry_tools": _telemetry_tools(receiver, fresh),
        "receiver": receiver,
        # A name other than this machine's own: a proxy in front of a loopback address is reached from elsewhere.
        "hooks_are_local": Address(host_of(visit.request.get_host()), 0).is_loopback,
        "web": settings.WEB,
        "receiver_is_open": settings.OTLP_AUTH == "open",
        "fresh": fresh,
        "mistake": mistake,
        "test": test,
        "log": entries(visit, is_admin=is_admin) if visit.reader.teams is None else None,
        "log_hidden": states.no_permission(_("What arrives here is of all teams; ask a site admin.")),
        "catalog": applying.state(),
        "catalog_example": snippets.catalog(),
    }


def may_administer(reader: Reader) -> bool:
    """Whether the reader may connect senders: they are the organisation's."""
    return reader.may("admin" if reader.token is not None else "administer")


def receiver_of(request: HttpRequest) -> Endpoint:
    """Return where telemetry is sent to, as whoever reads this page would write it."""
    return endpoint(settings.OTLP_GRPC, host_of(request.get_host()))


def _ask_an_admin() -> State:
    return states.no_permission(
        _("Addresses, secrets and tokens are for site admins. Ask one of them to connect a sender.")
    )


def _telemetry_tools(receiver: Endpoint, fresh: Fresh | None) -> tuple[Tool, ...]:
    token = fresh.token if fresh and not fresh.provider else ""
    return tuple(
        Tool(
            name,
            snippets.ALL[name].title,
            "",
            snippets.for_telemetry(name, receiver, token),
            is_open=bool(token and not index),
        )
        for index, name in enumerate(TELEMETRY)
    )


def _tools(request: HttpRequest, names: tuple[str, ...], known: list[Source], fresh: Fresh | None) -> tuple[Tool, ...]:
    sources: dict[str, list[SourceShown]] = {snippets.ALL[name].provider: [] for name in names}
    for source in known:
        if source.provider not in sources:
            continue
        hook = request.build_absolute_uri(f"/hooks/{source.provider}/{source.public_id}")
        is_fresh = fresh is not None and fresh.source == source.pk
        sources[source.provider].append(SourceShown(source, hook, trips.can_test(source.provider), is_fresh))
    return tuple(_tool(name, tuple(sources[snippets.ALL[name].provider]), fresh) for name in names)


def _free_name(tool: str, sources: tuple[SourceShown, ...]) -> str:
    base = "ci" if tool in ("curl", "incident") else tool
    taken = {shown.source.name for shown in sources}
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(sources) + 2)))
    return next(name for name in candidates if name not in taken)


def _tool(name: str, sources: tuple[SourceShown, ...], fresh: Fresh | None) -> Tool:
    snippet = snippets.ALL[name]
    own = fresh if fresh is not None and fresh.provider == snippet.provider else None
    # The newest is the one that somebody is setting up.
    hook = sources[-1].hook if sources else ""
    text = snippets.for_webhooks(name, hook, secret=own.secret if own else "", token=own.token if own else "")
    title = _("By hand") if name == "incident" else snippet.title
    here = own if own is not None and own.tool in ("", name) else None
    return Tool(name, title, snippet.provider, text, sources, _free_name(name, sources), here is not None, here)
