"""Every page of the product, found by its address: a new page is looked at without anybody thinking of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver

from plimsoll.store.models import Change, Deployment, Incident, Service, Source, Team, WebhookDelivery

# What an address leads to that is no page: answers for programs, and actions.
PROGRAMS: Final = ("api/", "hooks/", "healthz", "readyz", "live", "static/")
FILES: Final = (".csv", ".json", ".svg", ".txt")
ACTIONS: Final = frozenset({"preferences", "sign_out", "sign_in_by_link"})
# Further views of a page, by query.
VIEWS: Final[Mapping[str, tuple[str, ...]]] = {"topology": ("", "?view=matrix", "?view=list")}

# What stands for a part of an address, by its name, or by that of its page and its own.
_PARTS: Final[Mapping[str, Callable[[], object]]] = {
    "slug": lambda: Team.objects.order_by("pk").values_list("slug", flat=True).first() or "all",
    "name": lambda: Service.objects.order_by("pk").values_list("name", flat=True).first() or "ledger",
    "metric": lambda: "lead_time",
    "why.slug": lambda: "lead_time",
    "wall.slug": lambda: "all",
    "deployment.pk": lambda: _first(Deployment.objects.filter(failed=True)) or _first(Deployment.objects.all()),
    "incident.pk": lambda: _first(Incident.objects.all()),
    "change.pk": lambda: _first(Change.objects.all()),
    "source.pk": lambda: _first(Source.objects.all()),
    "delivery.pk": lambda: _first(WebhookDelivery.objects.all()),
    "settings_service.pk": lambda: _first(Service.objects.all()),
    "settings_person.pk": lambda: _first(User.objects.all()),
    "provider": lambda: "generic",
    "dialect": lambda: "istio",
}


# Pages of forms: they look the same whatever telemetry and CI have told.
_PLAIN: Final = ("settings", "sign_in", "change_password", "password")


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page: the name of its address, the address with its parts to be filled in, and a view by query."""

    name: str
    pattern: str
    parts: tuple[str, ...]
    view: str = ""

    def __str__(self) -> str:
        return self.name + self.view.replace("?", " ").replace("=", " ")

    @property
    def is_plain(self) -> bool:
        """Whether it is a page of forms."""
        return self.name.startswith(_PLAIN)

    def path(self) -> str:
        """Return an address of what is in the database now; where it holds nothing, one of what is not there."""
        path = self.pattern
        for part in self.parts:
            by_page = _PARTS.get(f"{self.name}.{part}") or _PARTS.get(f"{self.name.rpartition('_')[0]}.{part}")
            fill = by_page or _PARTS.get(part) or (lambda: 0)
            start, end = path.index("<"), path.index(">")
            path = path[:start] + str(fill()) + path[end + 1 :]
        return f"/{path}{self.view}"


def _first(rows: object) -> object:
    return rows.order_by("pk").values_list("pk", flat=True).first() or 0  # type: ignore[attr-defined]


def pages() -> list[PageRoute]:
    """Return the product's pages, in the order of their addresses."""
    found = []
    for pattern, entry in _walk(get_resolver(), ""):
        name = entry.name or pattern or "overview"
        if (
            pattern.startswith(PROGRAMS)
            or pattern.endswith(FILES)
            or name in ACTIONS
            or "(?P" in pattern
            or _is_deed(entry)
        ):
            continue
        parts = tuple(part[1:].partition(">")[0].rpartition(":")[2] for part in _cut(pattern))
        found += [PageRoute(name, pattern, parts, view) for view in VIEWS.get(name, ("",))]
    return found


def _is_deed(entry: URLPattern) -> bool:
    """Whether it is a form's address, which nobody looks at (`dashboards.access.deeds`)."""
    return getattr(entry.callback, "is_deed", False)


def _cut(pattern: str) -> list[str]:
    return [f"<{part}" for part in pattern.split("<")[1:]]


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        else:
            yield path, entry
