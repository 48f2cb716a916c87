"""What is read beside the map: the side panel, the time rail, the find box, the comparison and the blast radius."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboards.frame.bar import Menu
from dashboards.frame.page import Visit
from dashboards.frame.states import Action, State, empty
from dashboards.topology.asked import Asked
from dashboards.topology.compare import compared, menu
from dashboards.topology.find import Found, found, without_the_rest
from dashboards.topology.panel import Panel, panel
from dashboards.topology.rail import Rail, rail
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Whole
from plimsoll.insight.topology.compare import Verdict
from plimsoll.insight.topology.compare_windows import with_gone
from plimsoll.store.queries.rollouts import Rollout


@dataclass(frozen=True, slots=True)
class Reading:
    """All of it. `verdicts` are of arcs by id, None when nothing is compared; `blast` are ids of vertices and arcs.

    `left` is the map without what the find box hides: it is what is drawn.
    """

    panel: Panel
    rail: Rail
    find: Found
    compare: Menu
    left: Whole
    verdicts: dict[str, Verdict] | None = None
    blast: frozenset[str] | None = None

    @property
    def changes(self) -> dict[str, str]:
        """What became of the arcs that changed."""
        return {id_: verdict for id_, verdict in (self.verdicts or {}).items() if verdict not in ("same", "unknown")}

    @property
    def nothing(self) -> State | None:
        """The state of the map when all of it is hidden, else None."""
        if self.left.vertices or not self.find.hides:
            return None
        return empty(_("Nothing on the map matches."), Action(_("Clear"), self.find.clear_query))


def reading(visit: Visit, asked: Asked, whole: Whole, standing: Standing, rollout: Rollout | None) -> Reading:
    """Return what is read beside the map of the window that is asked for."""
    changed = compared(visit, rollout, asked.scope, whole) if rollout else None
    if changed and changed.comparison:
        whole = with_gone(whole, changed.comparison)
    verdicts = changed.verdicts if changed and changed.comparison else None
    looked_for = found(visit, whole, standing, verdicts)
    beside = panel(visit, asked, whole, standing, changed)
    times = rail(visit, asked, rollout)
    return Reading(
        panel=beside,
        rail=times,
        find=looked_for,
        compare=menu(visit, asked.scope, rollout, times.latest),
        left=without_the_rest(whole, looked_for.kept) if looked_for.hides and looked_for.kept is not None else whole,
        verdicts=verdicts,
        blast=beside.blast.ids if beside.blast and beside.is_blast_shown else None,
    )
