"""The story of an incident, what may have caused it by time, and who is reached by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.insight.around.story import Step, What
from plimsoll.insight.topology import Arc, Scope, Whole, whole
from plimsoll.insight.topology.blast import Flow, Served, radius_of_node
from plimsoll.store import overruling
from plimsoll.store.queries.pages.deployments import DeploymentItem, Times
from plimsoll.store.queries.pages.incidents import IncidentRecord


@dataclass(frozen=True, slots=True)
class Suspect:
    """A deployment that may have caused an incident by time: how long before it opened it went live, or began.

    `is_under_way` says that its rollout had begun and not ended.
    """

    id: int
    before_s: float
    is_under_way: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A caller, direct or not: how many calls away, and at most which share of its requests passes there."""

    name: str
    service: str | None
    namespace: str
    calls_away: int
    share: float | None


def suspects(record: IncidentRecord, found: Iterable[Times]) -> list[Suspect]:
    """Return the deployments that may have caused it, the nearest in time first."""
    opened = record.item.opened_at or record.item.resolved_at or record.reported_at
    ranked = []
    for each in found:
        live = each.finished_at if each.finished_at is not None and each.finished_at <= opened else None
        begun = each.started_at if each.started_at is not None and each.started_at <= opened else None
        at = live or begun
        if at is not None and each.id != record.item.caused_by:
            ranked.append(Suspect(each.id, (opened - at).total_seconds(), live is None))
    return sorted(ranked, key=lambda suspect: (suspect.before_s, -suspect.id))


def reached(
    services: Sequence[str], environments: Sequence[str], start: datetime, end: datetime, teams: Sequence[str] = ()
) -> list[Reached]:
    """Return who called the services in a window, directly or not, nearest and most affected first.

    Services are named whole; of one without a namespace it is not known which of its name it is. Of `teams`: those
    alone that are theirs, call theirs or are called by theirs, as a map of these teams shows them.
    """
    found = whole(start=start, end=end, scope=Scope(environments=tuple(environments)))
    arcs = [arc for arc in found.arcs if arc.requests > 0]
    flows = [Flow(arc.id, arc.client, arc.server, arc.requests, arc.is_whole) for arc in arcs]
    served = {id_: Served(each.requests, each.is_whole) for id_, each in found.vertices.items() if each.requests > 0}
    wanted = set(services)
    own = {id_ for id_, vertex in found.vertices.items() if vertex.may_be & wanted}
    # Left out at the end alone: shares are of all the requests that a caller serves, whoever may see from whom.
    shown = _around(found, arcs, teams) if teams else found.vertices.keys()
    best: dict[str, Reached] = {}
    for node in sorted(own):
        for caller in radius_of_node(flows, served, node).callers:
            if caller.node in own or caller.node not in shown:
                continue
            vertex = found.vertices[caller.node]
            seen = best.get(caller.node)
            shares = [share for share in (caller.share, seen.share if seen else None) if share is not None]
            away = min(caller.calls_away, seen.calls_away if seen else caller.calls_away)
            # Of several services the share is at least that of the one it depends on most.
            share = max(shares) if shares else None
            best[caller.node] = Reached(vertex.name, vertex.service, vertex.service_namespace, away, share)
    return sorted(best.values(), key=lambda each: (each.calls_away, -(each.share or 0.0), each.name))


def _around(found: Whole, arcs: Iterable[Arc], teams: Sequence[str]) -> set[str]:
    """Return the ends of all calls that the teams' services make or answer."""
    pairs = [(arc.client, arc.server) for arc in arcs]
    return {id_ for pair in pairs if any(found.vertices[end].team in teams for end in pair) for id_ in pair}


def story(record: IncidentRecord, cause: DeploymentItem | None) -> list[Step]:
    """Return the steps of an incident: its cause, what its sender said, and what people did."""
    item = record.item
    steps = [*_sender(record), *_people(record)]
    began = None if cause is None else cause.started_at or cause.at
    if cause is not None and began is not None:
        what: What = "deployed" if cause.started_at is not None else "finished"
        steps.append(Step(began, what, f"{cause.service or ''} {cause.name}".strip(), cause.id))
    if item.acknowledged_at is not None:
        steps.append(Step(item.acknowledged_at, "acknowledged"))
    return sorted(steps, key=lambda step: step.at)


def _sender(record: IncidentRecord) -> Iterable[Step]:
    item = record.item
    if item.opened_at is not None:
        yield Step(item.opened_at, "opened")
    if item.opened_at is None or record.reported_at - item.opened_at > timedelta(minutes=1):
        yield Step(record.reported_at, "detected", record.source or "")
    for each in record.again:
        if each.ended_at is not None:
            yield Step(each.ended_at, "ended_before")
        yield Step(each.opened_at, "reopened")
    if record.sender_resolved_at is not None:
        yield Step(record.sender_resolved_at, "sender_resolved", record.source or "")
    if item.resolved_at is not None:
        yield Step(item.resolved_at, "resolved")


def _people(record: IncidentRecord) -> Iterable[Step]:
    """Return what people said that still stands."""
    for name, held in record.state.items():
        if held.at is None or held.value is None:
            continue
        if name.startswith(overruling.on_it("")):
            yield Step(held.at, "taken" if held.value else "left", name.removeprefix(overruling.on_it("")))
        elif name == overruling.DISMISSED:
            yield Step(held.at, "dismissed")
        elif name == overruling.CAUSE:
            yield Step(held.at, "linked")
