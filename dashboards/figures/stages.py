"""Lead time split into the stages that the store knows, as bars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
    """A stage: its median, of how many changes it is known, its share of the longest in percent, and where they are."""

    name: str
    said: str
    known: str
    percent: float | None
    href: str


def stage_bars(links: Sequence[int], href: Callable[[str], str]) -> tuple[StageBar, ...]:
    """Return the stages of these changes, and by their names where they are listed; empty when there are none."""
    if not links:
        return ()
    found = stages(links)
    longest = max((each.median_s for each in found if each.median_s is not None), default=0.0) or 1.0
    return tuple(
        StageBar(
            str(NAMES[each.name]),
            _("unknown") if each.median_s is None else phrases.said("lead_time", each.median_s),
            ngettext("%(n)s of %(all)s change", "%(n)s of %(all)s changes", len(links))
            % {"n": f"{each.n:,}", "all": f"{len(links):,}"},
            None if each.median_s is None else 100 * each.median_s / longest,
            href(each.name),
        )
        for each in found
    )
