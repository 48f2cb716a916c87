"""Merging of observations into records, pure: any order and any repetition of them gives the same record.

Every field is a join of what was said about it (webhook-providers, section 1): most take the word with the latest
event time, some keep the earliest or the highest value, a few collect. What a record shows is then computed from that
state (`project`), so a repair never becomes a fact that later words would have to argue with.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

Kind = Literal["deployment", "change", "incident", "release"]

# How far ahead of our clock a sender's may be (webhook-providers, section 1).
FUTURE = timedelta(hours=24)

EARLIEST = frozenset(
    {"queued_at", "started_at", "opened_at", "acknowledged_at", "first_commit_at", "first_review_at", "approved_at"}
)
HIGHEST = frozenset({"attempt", "reopen_count"})
COLLECTED = frozenset({"reopened_at", "flags"})

# The columns that hold what was reported, as it was reported. Names of services and environments are kept in the state.
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "deployment": (
        *("cluster", "region", "version", "artifact", "repo", "sha", "ref", "title", "status", "queued_at"),
        *("started_at", "finished_at", "url", "actor", "attempt", "commits", "previous_sha", "is_rollback"),
        *("rolled_back", "unplanned", "trigger", "run_id", "traffic_percent"),
    ),
    "change": (
        *("grain", "repo", "sha", "parent_sha", "head_sha", "merge_sha", "number", "title", "author", "authored_at"),
        *("committed_at", "first_commit_at", "opened_at", "ready_at", "first_review_at", "approved_at", "merged_at"),
        *("merged_by", "state", "branch", "head_branch", "labels", "url", "additions", "deletions"),
    ),
    "incident": (
        *("title", "cluster", "severity", "status", "opened_at", "acknowledged_at", "resolved_at", "reopen_count"),
        *("url", "caused_by_ref", "assignees"),
    ),
    "release": ("repo", "version", "sha", "published_at", "url"),
}
# What a column says while nobody has said anything.
UNSAID: Mapping[str, object] = {"status": "unknown", "reopen_count": 0}
FINAL = frozenset({"success", "failure", "cancelled"})


@dataclass(frozen=True, slots=True)
class Series:
    """Alerts that follow each other: one that starts within `gap` after the end of the previous one continues it."""

    key: str
    gap: timedelta


@dataclass(frozen=True, slots=True)
class Observation:
    """What one delivery says about one record.

    `at` is the event's own time. `fields` are named as the columns; `service`, `services`, `namespace`, `environment`
    and `environment_class` are names. A field that is given as None was said to be empty; one that is missing was not
    spoken of. `rank` decides at equal event times: final states above running ones.
    """

    kind: Kind
    external_id: str
    at: datetime
    fields: Mapping[str, object]
    rank: int = 0
    flags: frozenset[str] = field(default_factory=frozenset)
    series: Series | None = None


class Held(NamedTuple):
    """The winning word on one field; earliest, highest and collected values need no time."""

    at: datetime | None
    rank: int
    value: object


State = dict[str, Held]


def sound(observation: Observation, received_at: datetime) -> Observation:
    """Return the observation with times more than 24 h ahead replaced by the receive time, and flagged."""
    limit = received_at + FUTURE
    late = {name for name, value in observation.fields.items() if name.endswith("_at") and _is_after(value, limit)}
    if not late and observation.at <= limit:
        return observation
    flags = observation.flags | {f"future_{name}" for name in late}
    if observation.at > limit:
        flags |= {"future_event_time"}
    return replace(
        observation,
        at=received_at if observation.at > limit else observation.at,
        fields={name: received_at if name in late else value for name, value in observation.fields.items()},
        flags=flags,
    )


def merged(state: State, observations: Iterable[Observation]) -> State:
    """Return the state after more observations of the same record."""
    result = dict(state)
    for observation in observations:
        for name, value in observation.fields.items():
            said = list(value) if isinstance(value, tuple) else value
            _join(result, name, Held(observation.at, observation.rank, said))
        if observation.flags:
            _join(result, "flags", Held(None, 0, observation.flags))
    return result


def joined(one: State, other: State) -> State:
    """Return the join of two states: commutative, associative and idempotent."""
    result = dict(one)
    for name, held in other.items():
        _join(result, name, held)
    return result


def _join(state: State, name: str, said: Held) -> None:
    held = state.get(name)
    if name in COLLECTED:
        state[name] = Held(None, 0, _collection(said.value) | (_collection(held.value) if held else frozenset()))
    elif name in EARLIEST or name in HIGHEST:
        if said.value is None:
            return
        values = [said.value, held.value] if held else [said.value]
        best = min if name in EARLIEST else max
        state[name] = Held(None, 0, best(values))  # type: ignore[type-var]
    elif held is None or _order(said) > _order(held):
        state[name] = said


def _order(held: Held) -> tuple[datetime, int, bool, str]:
    """Later words first, then final states, then words over silence; the text decides what is left."""
    assert held.at is not None
    return held.at, held.rank, held.value is not None, json.dumps(_plain(held.value), sort_keys=True)


def _collection(value: object) -> frozenset[object]:
    if isinstance(value, (frozenset, list, tuple)):
        return frozenset(value)
    return frozenset() if value is None else frozenset({value})


def _is_after(value: object, limit: datetime) -> bool:
    return isinstance(value, datetime) and value > limit


def project(kind: Kind, state: State) -> tuple[dict[str, object], frozenset[str]]:
    """Return what the columns of a record show for a state, and the flags of the record."""
    columns: dict[str, object] = {
        name: state[name].value if name in state else UNSAID.get(name) for name in COLUMNS[kind]
    }
    flags = frozenset(str(flag) for flag in _collection(state["flags"].value)) if "flags" in state else frozenset()
    if kind == "deployment":
        flags |= _repaired(columns, "started_at", "finished_at")
    elif kind == "incident":
        if "status" not in state:
            columns["status"] = "open"
        flags |= _repaired(columns, "opened_at", "resolved_at")
        reopened = len(_collection(state["reopened_at"].value)) if "reopened_at" in state else 0
        reported = columns["reopen_count"]
        columns["reopen_count"] = max(reopened, reported if isinstance(reported, int) else 0)
    return columns, flags


def _repaired(columns: dict[str, object], first: str, last: str) -> frozenset[str]:
    """Swap two times that are in the wrong order (reliability, section 6, 68); two clocks disagreed."""
    start, end = columns[first], columns[last]
    if not (isinstance(start, datetime) and isinstance(end, datetime) and end < start):
        return frozenset()
    columns[first], columns[last] = end, start
    return frozenset({f"{last.removesuffix('_at')}_before_{first.removesuffix('_at')}"})


def written(state: State, columns: Mapping[str, object]) -> dict[str, list[object]]:
    """Return the state as JSON: [event time, rank] for each field, and its value where no column shows it as it is."""
    result: dict[str, list[object]] = {}
    for name, held in sorted(state.items()):
        at = held.at.isoformat() if held.at else None
        result[name] = [at, held.rank]
        if name not in columns or columns[name] != held.value:
            result[name].append(_plain(held.value))
    return result


def read(stamps: Mapping[str, Sequence[Any]], columns: Mapping[str, object]) -> State:
    """Return the state that `written` wrote."""
    state: State = {}
    for name, stamp in stamps.items():
        at = datetime.fromisoformat(stamp[0]) if stamp[0] else None
        value = _restored(name, stamp[2]) if len(stamp) > 2 else columns[name]
        state[name] = Held(at, stamp[1], value)
    return state


def _plain(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, frozenset):
        return sorted(str(_plain(each)) for each in value)
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _restored(name: str, value: Any) -> object:
    if name in COLLECTED:
        return frozenset(datetime.fromisoformat(each) if name.endswith("_at") else each for each in value)
    if name.endswith("_at") and value is not None:
        return datetime.fromisoformat(value)
    return value
