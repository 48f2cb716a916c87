"""What people say of an incident, beside what its sender says: neither undoes the other, in any order of arrival.

People are a source of their own. Their words stand in the record's state under names of their own, each the latest
word of any person, so the sender's words go on merging as if nobody had spoken. What is shown is the people's word
where there is one: a sender that repeats itself does not undo it, and what the sender says meanwhile is there again as
soon as the word is taken back (a word of None). A resolution alone ends by itself: when the sender reports that the
incident opened again after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from plimsoll.store.merge import Held, State

RESOLVED: Final = "people:resolved_at"
CAUSE: Final = "people:cause"
DISMISSED: Final = "people:dismissed"
_ON_IT: Final = "people:on:"


def on_it(person: str) -> str:
    """Return the name of the word on whether a person is on an incident."""
    return f"{_ON_IT}{person}"


@dataclass(frozen=True, slots=True)
class Overruled:
    """What people's words change about what is shown; `dismissed` says that it is no incident at all."""

    columns: Mapping[str, object]
    dismissed: bool = False


def overruled(state: State, columns: Mapping[str, object], reopened_at: datetime | None = None) -> Overruled:
    """Return what people's words make of an incident that shows `columns` by its sender's words.

    `reopened_at` is when an alert that it stands for began again.
    """
    changes: dict[str, object] = {}
    resolved_at = _word(state, RESOLVED)
    if isinstance(resolved_at, datetime) and not _is_over(resolved_at, state, reopened_at):
        changes |= {"status": "resolved", "resolved_at": resolved_at}
    if (cause := _word(state, CAUSE)) is not None:
        changes["caused_by_ref"] = cause
    said = {name.removeprefix(_ON_IT): held for name, held in state.items() if name.startswith(_ON_IT)}
    people = {person: bool(held.value) for person, held in said.items() if held.value is not None}
    if people:
        # Whoever the sender names first, then in the order in which they took it.
        named = columns.get("assignees")
        told = [str(each) for each in named] if isinstance(named, (list, tuple)) else []
        joined = sorted(
            (person for person, is_on in people.items() if is_on), key=lambda each: _since(said[each], each)
        )
        changes["assignees"] = list(dict.fromkeys(each for each in (*told, *joined) if people.get(each, True)))
    return Overruled(changes, _word(state, DISMISSED) is True)


def _word(state: State, name: str) -> object:
    return state[name].value if name in state else None


def _since(held: Held, person: str) -> tuple[str, str]:
    return held.at.isoformat() if held.at else "", person


def _is_over(resolved_at: datetime, state: State, reopened_at: datetime | None) -> bool:
    """Whether the sender said that it opened again after it had been resolved."""
    told = _word(state, "reopened_at")
    times: Iterable[object] = told if isinstance(told, frozenset) else ()
    return any(isinstance(at, datetime) and at > resolved_at for at in (*times, reopened_at))
