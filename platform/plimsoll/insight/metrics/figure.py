"""What a metric answers: values, and the evidence for them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.windows import Window


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of a metric over a window; None where they are unknown.

    `counted` are the ids it was computed from, `left_out` those it was not, by reason. `subsets` names parts of the
    counted ones, and those that are neither counted nor left out yet (pending, censored). `samples` are the durations
    that percentiles are of, in seconds, in no order.
    """

    metric: str
    values: Mapping[str, float | None]
    window: Window
    definition: Definition
    counted: tuple[int, ...]
    left_out: Mapping[str, tuple[int, ...]]
    subsets: Mapping[str, tuple[int, ...]]
    samples: tuple[float, ...] = ()

    @property
    def n(self) -> int:
        """How many were counted."""
        return len(self.counted)

    @property
    def left_out_n(self) -> int:
        """How many were left out, for any reason."""
        return sum(self.left_out_reasons.values())

    @property
    def left_out_reasons(self) -> dict[str, int]:
        """How many were left out, by reason."""
        return {reason: len(ids) for reason, ids in sorted(self.left_out.items())}


@dataclass(slots=True)
class Tally:
    """Collects ids while a metric sorts them into counted, left out and named subsets."""

    counted: list[int] = field(default_factory=list)
    left_out: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    subsets: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def figure(
        self,
        metric: str,
        values: Mapping[str, float | None],
        window: Window,
        definition: Definition,
        samples: Sequence[float] = (),
    ) -> Figure:
        """Return the figure for what was collected."""
        counted, left_out, subsets = tuple(self.counted), _frozen(self.left_out), _frozen(self.subsets)
        return Figure(metric, values, window, definition, counted, left_out, subsets, tuple(samples))

    def size(self, subset: str) -> int:
        """Return how many are in a subset."""
        return len(self.subsets[subset]) if subset in self.subsets else 0


def _frozen(ids: Mapping[str, list[int]]) -> Mapping[str, tuple[int, ...]]:
    return {name: tuple(found) for name, found in ids.items()}
