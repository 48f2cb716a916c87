"""The stages that changes went through on their way to users."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plimsoll.store.sql import answers

STAGES: Final = ("writing", "review", "waiting", "rollout")
"""From commit to pull request, to merge, to the beginning of its deployment, and to its end."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: of how many changes it is known, and their median; None when of none."""

    name: str
    n: int
    median_s: float | None


def stages(links: Sequence[int]) -> tuple[Stage, ...]:
    """Return the stages of these `deployment_change` rows."""
    ((_changes, *found),) = answers("lead_time_stages", {"links": list(links), "name": None})
    return tuple(Stage(name, found[2 * place], found[2 * place + 1]) for place, name in enumerate(STAGES))


def took(links: Sequence[int], name: str) -> Mapping[int, float]:
    """Return the seconds of a stage by the rows that it is known of: what its median is the median of."""
    ((*_stages, found),) = answers("lead_time_stages", {"links": list(links), "name": name})
    return {int(link): float(seconds) for link, seconds in json.loads(found or "{}").items()}
