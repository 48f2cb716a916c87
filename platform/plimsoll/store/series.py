"""Records that belong together, pure: alerts that flap, and runs that a deployment already tells.

The rows stay as they were reported. What is shown is computed from all rows of a group, so the order of arrival does
not matter and a changed setting can be undone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plimsoll.store.merge import State


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a record's group changes about it: columns and flags; a hidden record is told by another one."""

    columns: Mapping[str, object] = field(default_factory=dict)
    flags: frozenset[str] = field(default_factory=frozenset)
    hidden: bool = False
    # when what the record shows last began again
    reopened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Episode:
    external_id: str
    opened_at: datetime
    resolved_at: datetime | None


def chained(alerts: Mapping[str, State], gap: timedelta) -> dict[str, Overlay]:
    """Return what the flapping of one alert (one fingerprint) means for each of its episodes.

    An episode that starts at most `gap` after the end of the previous one reopens it: the first of them shows them
    all, the others are hidden. An episode whose end never arrived ended, at an unknown time, before the next began.
    """
    overlays: dict[str, Overlay] = {}
    chains = _chains(alerts, gap)
    for index, chain in enumerate(chains):
        overlays |= _shown(chain, is_last=index == len(chains) - 1)
    return overlays


def _chains(alerts: Mapping[str, State], gap: timedelta) -> list[list[_Episode]]:
    chains: list[list[_Episode]] = []
    for episode in sorted(_episodes(alerts), key=lambda each: (each.opened_at, each.external_id)):
        last = chains[-1][-1].resolved_at if chains else None
        if last is not None and episode.opened_at - last <= gap:
            chains[-1].append(episode)
        else:
            chains.append([episode])
    return chains


def _episodes(alerts: Mapping[str, State]) -> Iterable[_Episode]:
    for external_id, state in alerts.items():
        opened = state["opened_at"].value if "opened_at" in state else None
        resolved = state["resolved_at"].value if "resolved_at" in state else None
        if isinstance(opened, datetime):
            yield _Episode(external_id, opened, resolved if isinstance(resolved, datetime) else None)


def _shown(chain: list[_Episode], *, is_last: bool) -> dict[str, Overlay]:
    head, *rest = chain
    ends = [episode.resolved_at for episode in chain]
    columns: dict[str, object] = {}
    flags: frozenset[str] = frozenset()
    if rest:
        columns["reopen_count"] = len(rest)
        columns["resolved_at"] = None if ends[-1] is None else max(end for end in ends if end is not None)
        columns["status"] = "open" if ends[-1] is None else "resolved"
    if ends[-1] is None and not is_last:
        columns["status"] = "resolved"
        flags = frozenset({"end_unknown"})
    reopened_at = rest[-1].opened_at if rest else None
    shown = Overlay(columns, flags, reopened_at=reopened_at)
    return {head.external_id: shown} | {each.external_id: Overlay(hidden=True) for each in rest}


def told_twice(run_id: str, external_ids: Collection[str]) -> frozenset[str]:
    """Return which deployments of one run are its own rows (`<run>/<attempt>`) while another row tells the run too.

    Deployment events win over deploy workflows, and neither is counted twice (webhook-providers, section 5, GitHub).
    """
    runs = frozenset(each for each in external_ids if each.startswith(f"{run_id}/"))
    return runs if len(runs) < len(external_ids) else frozenset()
