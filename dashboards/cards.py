"""The four numbers in words: never a bare zero, never a blank (ux, section 4)."""

from dataclasses import dataclass

from dashboards import words
from dashboards.summary import DAYS, Number, Summary

# Below this many events the count stands right beside the value (ux, section 1).
FEW = 5


@dataclass(frozen=True, slots=True)
class Card:
    """One number as it is shown: either a reading, or the words for why there is none and what to do."""

    title: str
    reading: words.Reading | None
    why_none: str
    # what it was computed from, and what is pending or left out
    basis: str
    aside: str
    left_out_reasons: str
    few: bool
    evidence: str


def cards(board: Summary) -> tuple[Card, ...]:
    """Return the board's four numbers in their order."""
    return tuple(_card(number, board) for number in board.numbers)


def _card(number: Number, board: Summary) -> Card:
    return Card(
        title=_TITLES[number.metric],
        reading=_reading(number),
        why_none="" if number.value is not None else _why_none(number, board),
        basis=_basis(number) if board.has_deployments else "",
        aside=_aside(number),
        left_out_reasons=number.left_out_reasons or "",
        few=number.value is not None and number.metric != "deployment_frequency" and (number.n or 0) < FEW,
        evidence=number.evidence,
    )


_TITLES = {
    "deployment_frequency": "Deployments per day",
    "lead_time": "Lead time, median",
    "change_failure_rate": "Change failure rate",
    "recovery_time": "Recovery time, P90",
}


def _reading(number: Number) -> words.Reading | None:
    """Return the value as large type shows it."""
    if number.value is None:
        return None
    if number.unit == "s":
        return words.duration(number.value)
    return words.share(number.value) if number.unit == "rate" else words.per_day(number.value)


def _basis(number: Number) -> str:
    """Return what the number was computed from."""
    if number.n is None:
        return ""
    match number.metric:
        case "deployment_frequency":
            return words.counted(number.n, "deployment")
        case "lead_time":
            return words.counted(number.n, "change")
        case "change_failure_rate":
            return f"of {words.counted(number.n, 'deployment')}"
        case _:
            return words.counted(number.n, "failed deployment")


def _aside(number: Number) -> str:
    """Return what is not in the number: too young to judge, not over, or left out."""
    parts = []
    if number.pending:
        parts.append(f"{number.pending:,} {'not over' if number.metric == 'recovery_time' else 'pending'}")
    if number.left_out:
        parts.append(f"{number.left_out:,} left out")
    return " · ".join(parts)


def _why_none(number: Number, board: Summary) -> str:
    """Return why there is no value, with the next step where there is one."""
    if not board.has_deployments:
        return "Not connected: no deployment was reported yet."
    match number.metric:
        case "deployment_frequency":
            return f"No deployments are known for the last {DAYS} days."
        case "lead_time":
            return f"No change with a known start went live in {DAYS} days."
        case "change_failure_rate" if number.pending:
            return f"Too early: {words.counted(number.pending, 'deployment')} may still fail."
        case "change_failure_rate":
            return f"No deployments to judge in {DAYS} days."
        case _ if number.pending:
            return f"{words.counted(number.pending, 'failure')} not over yet."
        case _ if not board.has_incidents:
            return "Not connected: no incident was reported yet."
        case _:
            return f"No deployment failed in {DAYS} days."
