"""The mark of a chart: a dashed line, and right of the plot, where nothing is drawn, its sign and its name."""

from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboards.charts.paths import px

# The sign, a ring with a line through it, is so wide; the name stands a little beside it.
SIGN: Final = 18.0
RING: Final = 4.5
NAME_AT: Final = SIGN + 4.0


@dataclass(frozen=True, slots=True)
class Level:
    """A mark by its value and by what it is called at its line."""

    value: float
    name: str

    @property
    def room(self) -> float:
        """How much room sign and name need; Chinese characters are as wide as they are high."""
        return NAME_AT + sum(12.0 if character > "\u2e80" else 8.0 for character in self.name)

    def drawn(self, y: float, left: float, right: float) -> SafeString:
        """Return it as SVG, at a height of a plot that goes from `left` to `right`."""
        return format_html(
            '<g class="level"><path class="reach" d="M{1} {0}H{2}"/><path d="M{2} {0}h{3}"/>'
            '<circle cx="{4}" cy="{0}" r="{5}"/><text x="{6}" y="{0}" dy="4">{7}</text></g>',
            px(y), px(left), px(right), px(SIGN), px(right + SIGN / 2), px(RING), px(right + NAME_AT), self.name,
        )  # fmt: skip
