"""All teams against their marks."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from dashboards.figures import question
from dashboards.frame.page import Visit, page
from dashboards.pages.asking import say_what_is_not_narrowed
from dashboards.pages.overview import team_rows
from plimsoll.store.marks import marks


@page("dashboards/teams.html", name="teams")
def teams(visit: Visit) -> Mapping[str, object]:
    """Show all teams."""
    say_what_is_not_narrowed(visit)
    asked = question(visit.filters, visit.now)
    return {"heading": _("Teams"), "teams": team_rows(asked, marks())}
