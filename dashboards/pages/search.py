"""The search of the top bar: services, teams, deployments, incidents and nodes by a few words."""

from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.page import Visit, page
from dashboards.pages.asking import parameter
from plimsoll.store.queries.pages.search import found

LONGEST = 100


@page("dashboards/search.html", name="search")
def search(visit: Visit) -> dict[str, object]:
    """Answer with what was found."""
    words = " ".join(parameter(visit, "q").replace("\0", "").split())[:LONGEST]
    if not words:
        text = _("Write a part of a name: a service, a team, a version, a commit, the title of an incident.")
        return {"heading": _("Search"), "words": "", "state": states.empty(text)}
    results = found(words, visit.reader.team)
    nothing = _("Nothing has “%(words)s” in its name.") % {"words": words}
    return {
        "heading": _("Search"),
        "words": words,
        "found": results,
        "state": None if results.total else states.empty(nothing),
    }
