"""The pages of the settings: a list of sections beside the section itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.page import Context, NotHere, Visit, page
from dashboards.frame.states import State, no_permission
from dashboards.readers import Reader
from dashboards.settings.flash import taken
from plimsoll.store.catalog_file import applying
from plimsoll.store.models import Team
from plimsoll.store.people import admins
from plimsoll.store.roles import Action
from plimsoll.store.settings.teams import all_teams, team_of

# Name of the address, title, and what it takes to see it.
_SECTIONS: Final[tuple[tuple[str, str | Promise, Action], ...]] = (
    ("settings_organisation", gettext_lazy("Organisation"), "read"),
    ("settings_teams", gettext_lazy("Teams"), "read"),
    ("settings_services", gettext_lazy("Services"), "read"),
    ("settings_environments", gettext_lazy("Environments"), "read"),
    ("settings_marks", gettext_lazy("Marks"), "read"),
    ("settings_sources", gettext_lazy("Sources"), "manage"),
    ("settings_tokens", gettext_lazy("Tokens"), "manage"),
    ("settings_screens", gettext_lazy("Screens"), "manage"),
    ("settings_people", gettext_lazy("People"), "manage"),
    ("settings_audit", gettext_lazy("Audit"), "administer"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One section in the list."""

    title: str
    href: str
    is_here: bool


Content = Callable[..., Context]
View = Callable[..., HttpResponse]


def section(name: str, template: str) -> Callable[[Content], View]:
    """Make a page of the settings from a function of a visit and what the form before left."""

    def decorate(content: Content) -> View:
        @wraps(content)
        def shown(visit: Visit, **named: Any) -> Context:
            reader = visit.reader
            flash = taken(visit.request)
            base = {
                "heading": _("Settings"),
                "sections": sections(reader, name),
                "section": next(str(title) for known, title, _action in _SECTIONS if known == name),
                "flash": flash,
                "catalog": applying.state(),
            }
            if not may_see(reader, name):
                return {**base, "refusal": refusal()}
            return {**base, **content(visit, flash, **named)}

        view = page(template, name="settings")(shown)

        @wraps(view)
        def unkept(request: HttpRequest, **named: Any) -> HttpResponse:
            response = view(request, **named)
            # What was left for this page is shown once: an answer is never used again.
            response["Cache-Control"] = "private, no-store"
            return response

        return unkept

    return decorate


def sections(reader: Reader, here: str) -> list[Entry]:
    """Return the sections that the reader may see."""
    return [
        Entry(str(title), reverse(name), name == here) for name, title, _action in _SECTIONS if may_see(reader, name)
    ]


def may_see(reader: Reader, name: str) -> bool:
    """Whether a section is the reader's to see: lists of what opens doors are for those who manage them."""
    action = next(action for known, _title, action in _SECTIONS if known == name)
    return action == "read" or reader.may_somewhere(action)


def refusal() -> State:
    """Return the state of a page that is not the reader's to see."""
    names = ", ".join(admins())
    if not names:
        return no_permission(_("This is for admins. There is none yet."))
    return no_permission(_("This is for admins. Ask: %(names)s.") % {"names": names})


def manageable(reader: Reader) -> list[Team]:
    """Return the teams whose things the reader may change, by name."""
    return [team for team in all_teams() if reader.may("manage", team.pk)]


def found_team(slug: str, reader: Reader) -> Team:
    """Return the team of an address, or raise NotHere."""
    team = team_of(slug)
    if team is None or not reader.sees(team.pk):
        raise NotHere(_("There is no team “%(name)s”.") % {"name": slug[:60]})
    return team
