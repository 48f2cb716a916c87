"""Lead time split into the stages that the store knows, as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.figures import phrases
from plimsoll.store.queries.stages import stages

NAMES: Final[Mapping[str, str | Promise]] = {
    "writing": gettext_lazy("Commit to pull request"),
    "review": gettext_lazy("Pull request to merge"),
    "waiting": gettext_lazy("Merge to rollout"),
    "rollout": gettext_lazy("Rollout to live"),
}


@dataclass(frozen=True, slots=True)
class StageBar:
    """A stage: its median, of how many changes it is known, and its share of the longest in percent."""

    name: str
    said: str
    known: str
    percent: float | None


def stage_bars(links: Sequence[int]) -> tuple[StageBar, ...]:
    """Return the stages of these changes; empty when there are none."""
    if not links:
        return ()
    found = stages(links)
    longest = max((each.median_s for each in found if each.median_s is not None), default=0.0) or 1.0
    return tuple(
        StageBar(
            str(NAMES[each.name]),
            _("unknown") if each.median_s is None else phrases.said("lead_time", each.median_s),
            _("%(n)s of %(all)s changes") % {"n": f"{each.n:,}", "all": f"{len(links):,}"},
            None if each.median_s is None else 100 * each.median_s / longest,
        )
        for each in found
    )
