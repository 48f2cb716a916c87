"""How busy the demo's mesh is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Spans a second, and seconds from one canary's start to the next; 0 means none."""

    spans_per_s: float = 300.0
    canary_every_s: float = 240.0
    first_canary_s: float = 30.0
