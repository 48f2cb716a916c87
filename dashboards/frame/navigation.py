"""The top bar: the pages, in their order, with the range and places of this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboards.frame.filters import Filters

# Name of the page: its title, and the key that leads there after `g` (ux, section 5).
PAGES: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "overview": (_("Overview"), "o"),
    "teams": (_("Teams"), "t"),
    "services": (_("Services"), "s"),
    "deployments": (_("Deployments"), "d"),
    "incidents": (_("Incidents"), "i"),
    "topology": (_("Topology"), "m"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the top bar."""

    title: str
    href: str
    key: str
    is_here: bool


def navigation(here: str, filters: Filters | None) -> list[Entry]:
    """Return the entries of the top bar; those of pages that this installation does not have are left out."""
    found = []
    for name, (title, key) in PAGES.items():
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        query = "" if filters is None else filters.shared(team=None, service=None).removesuffix("?")
        found.append(Entry(str(title), path + query, key, name == here))
    return found
