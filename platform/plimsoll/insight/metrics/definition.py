"""The named rules a figure is computed by; a figure always says which."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Definition:
    """A named set of rules (dora-definitions, section 4)."""

    id: str
    # Deployments and incidents of other classes are left out.
    environment_classes: tuple[str, ...] = ("production",)
    # How long after its finish a deployment can still be blamed for an incident.
    attribution_window: timedelta = timedelta(hours=24)


STANDARD = Definition("standard")
