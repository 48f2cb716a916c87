"""What the address asks for and this map has not: it is told in notices."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from dashboards.frame.page import Visit
from dashboards.topology.asked import Asked
from dashboards.topology.drawing.scene import opened
from dashboards.topology.drawing.table import COLUMNS
from plimsoll.insight.topology import Whole


def doubts(visit: Visit, asked: Asked, found: Whole, pages: int) -> Iterator[str]:
    """Say which groups, columns and pages there are none of; `pages` is how many the list has."""
    missing = set(asked.open) - set(opened(found, asked))
    if missing and found.vertices:
        said = {"what": _("group"), "names": ", ".join(sorted(missing))[:80]}
        yield _("There is no %(what)s “%(names)s”; it was left out.") % said
    if asked.sort and asked.sort.removeprefix("-") not in COLUMNS:
        yield _("Rows cannot be ordered by “%(name)s”.") % {"name": asked.sort[:40]}
    if not 1 <= asked.page <= pages:
        given = visit.request.GET.get("page", "")
        yield _("There is no page %(page)s; there are %(pages)d.") % {"page": given[:20], "pages": pages}
