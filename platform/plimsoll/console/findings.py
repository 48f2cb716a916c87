"""What `plimsoll check` found out about one part: a line for people, an object for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from plimsoll.console.screen import Mark, Screen

State = Literal["ok", "warning", "problem"]

_MARKS: dict[State, Mark] = {"ok": "well", "warning": "waiting", "problem": "trouble"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A part, how it is, what was seen, and what mends it when it is not well."""

    part: str
    state: State
    text: str
    fix: str = ""


def show(finding: Finding, screen: Screen) -> None:
    """Show a finding as one line."""
    fix = f"   Fix: {finding.fix}" if finding.fix else ""
    screen.part(_MARKS[finding.state], finding.part, f"{finding.text}{fix}")


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line, such as `1 problem, 1 warning`."""
    counts = [(sum(finding.state == state for finding in findings), state) for state in ("problem", "warning")]
    words = [f"{count} {state}{'' if count == 1 else 's'}" for count, state in counts if count]
    return ", ".join(words) or "all is well"


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings for programs."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)
