"""The stages that changes went through on their way to users."""

from collections.abc import Sequence
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
    ((_changes, *found),) = answers("lead_time_stages", {"links": list(links)})
    return tuple(Stage(name, found[2 * place], found[2 * place + 1]) for place, name in enumerate(STAGES))
