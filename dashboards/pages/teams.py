"""Teams: the list of all, and one of them: how is our delivery going, and what moved it? (ux, section 3.2)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from dashboards.figures import figures, question
from dashboards.frame.page import NotHere, Visit, page
from dashboards.pages.overview import team_rows
from plimsoll.store.marks import marks


@page("dashboards/teams.html", name="teams")
def teams(visit: Visit) -> Mapping[str, object]:
    """Show all teams against their marks."""
    asked = question(visit.filters, visit.now)
    return {"heading": _("Teams"), "teams": team_rows(asked, marks())}


@page("dashboards/team.html", name="teams", charts=True)
def team(visit: Visit, slug: str) -> Mapping[str, object]:
    """Show one team."""
    if visit.reader.team is not None and slug not in visit.filters.teams:
        raise NotHere(_("There is no team “%(slug)s”.") % {"slug": slug})
    asked = question(visit.filters.limited_to(slug), visit.now)
    own = next((each for each in asked.names.values() if each.slug == slug), None)
    if own is None:
        raise NotHere(_("There is no team “%(slug)s”.") % {"slug": slug})
    return {"heading": own.name, "team": own, "figures": figures(asked, marks())}
