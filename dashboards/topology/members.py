"""What the elements of a map of groups stand for: services of a group, calls between two groups."""

from collections.abc import Collection, Mapping, Sequence

from dashboards.topology.asked import Asked
from dashboards.topology.drawing.items import name_of
from dashboards.topology.drawing.scene import grouping_of
from plimsoll.insight.topology import Arc, Whole
from plimsoll.insight.topology.groups import Groups, grouped


def members(found: Whole, asked: Asked) -> Mapping[str, frozenset[str]]:
    """Return the vertices of each group, and the arcs of each sum between two places, by the ids of their elements."""
    groups = grouped(found, grouping_of(found, asked))
    opened = {vertex.id for key in asked.open if key in groups.groups for vertex in groups.groups[key].members}
    of_groups = {f"g-{key}": frozenset(each.id for each in group.members) for key, group in groups.groups.items()}
    sums: dict[str, set[str]] = {}
    for arc in found.arcs:
        ends = (end if end in opened else groups.group_of[end] for end in (arc.client, arc.server))
        sums.setdefault(f"h-{'--'.join(ends)}", set()).add(arc.id)
    return {**of_groups, **{key: frozenset(ids) for key, ids in sums.items()}}


def part(found: Whole, asked: Asked) -> tuple[tuple[str, ...], Collection[str], Sequence[Arc]]:
    """Return the names of the group, or of the two places, that are selected, its services, and their calls.

    Of two places the services are those that call or are called. Without names nothing of the kind is selected.
    """
    kind, _dash, key = asked.sel.partition("-")
    ids = members(found, asked).get(asked.sel) if kind in ("g", "h") else None
    if ids is None:
        return (), (), ()
    groups = grouped(found, grouping_of(found, asked))
    if kind == "g":
        return (name_of(key),), ids, [arc for arc in found.arcs if {arc.client, arc.server} & ids]
    calls = [arc for arc in found.arcs if arc.id in ids]
    names = tuple(_name(end, found, groups) for end in key.split("--"))
    return names, {end for arc in calls for end in (arc.client, arc.server)}, calls


def _name(end: str, found: Whole, groups: Groups) -> str:
    return name_of(end) if end in groups.groups else found.vertices[end].name
