"""The pages that are measured: their addresses in the bench's own company, and what they may cost (ux, section 3)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Budget:
    """What a page may take on the server, in ms at the 95th percentile, and weigh at a first visit, in KB."""

    ms: int
    kb: int


# Lists have no line of their own in ux; they are held to what the page they lead to is held to.
BUDGETS: Final[Mapping[str, Budget]] = {
    "overview": Budget(150, 140),
    "teams": Budget(200, 150),
    "team": Budget(200, 150),
    "services": Budget(200, 150),
    "service": Budget(200, 150),
    "deployments": Budget(250, 150),
    "deployment": Budget(250, 150),
    "incidents": Budget(200, 150),
    "incident": Budget(200, 150),
    "topology": Budget(100, 130),
    "topology matrix": Budget(100, 130),
    "topology list": Budget(100, 130),
    "wall": Budget(100, 90),
    "wall of a team": Budget(100, 90),
    "setup": Budget(100, 110),
}


def places(only: Collection[str] = ()) -> dict[str, str]:
    """Return the address of each page that this version has, or of these, in the database as it is."""
    from django.urls import NoReverseMatch, reverse

    from plimsoll.store.models import Deployment, Incident, Service, Team

    team = Team.objects.order_by("pk").values_list("slug", flat=True).first() or "all"
    wanted: dict[str, tuple[str, Callable[[], list[object]], str]] = {
        "team": ("team", lambda: [team], ""),
        "service": ("service", lambda: [_first(Service)], ""),
        "deployment": ("deployment", lambda: [_first(Deployment, failed=True)], ""),
        "incident": ("incident", lambda: [_first(Incident)], ""),
        "topology matrix": ("topology", list, "?view=matrix"),
        "topology list": ("topology", list, "?view=list"),
        "wall": ("wall", lambda: ["all"], ""),
        "wall of a team": ("wall", lambda: [team], ""),
    }
    found = {}
    for page in only or BUDGETS:
        name, arguments, query = wanted.get(page, (page, list, ""))
        try:
            found[page] = reverse(name, args=arguments()) + query
        except NoReverseMatch:
            continue
    return found


def _first(model: type, **chosen: object) -> object:
    rows = model._default_manager.filter(**chosen).order_by("-pk")  # type: ignore[attr-defined]
    column = "name" if model.__name__ == "Service" else "pk"
    return rows.values_list(column, flat=True).first() or 0
