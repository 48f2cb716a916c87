"""Groups of services: what a map of hundreds shows in place of each one."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final, Literal

from plimsoll.insight.topology.layout import column_of
from plimsoll.insight.topology.vertices import Arc, Vertex, Whole

Grouping = Literal["namespace", "team", "domain"]

# Groups by kind rather than by name, whatever the grouping; a name cannot begin so.
STORES, MESSAGING, OUTSIDE, NAMELESS = "*stores", "*messaging", "*outside", "*none"
_BY_KIND: Final = {"database": STORES, "messaging": MESSAGING, "external": OUTSIDE, "unresolved": OUTSIDE}


@dataclass(frozen=True, slots=True)
class Group:
    """Vertices that belong together, by name. `column` is where all that know one stand, None where calls must tell."""

    key: str
    members: tuple[Vertex, ...]
    column: int | None


@dataclass(frozen=True)
class Bundle:
    """All calls from one group to another, busiest first. Inside a group both are the same.

    What they add up to is remembered with them: bundles are, and a drawing asks three times.
    """

    client: str
    server: str
    arcs: tuple[Arc, ...]

    @property
    def id(self) -> str:
        """What it is selected by."""
        return f"{self.client}--{self.server}"

    @cached_property
    def requests(self) -> float:
        """The requests of all."""
        return sum(arc.requests for arc in self.arcs)

    @cached_property
    def error_rate(self) -> float | None:
        """The share of all that failed."""
        requests = self.requests
        return sum(arc.failed for arc in self.arcs) / requests if requests else None


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups by key, the group of each vertex, and what they say to each other."""

    groups: Mapping[str, Group]
    group_of: Mapping[str, str]
    bundles: Sequence[Bundle]


# The groupings of the map that was asked about last: a page asks several times for the same ones.
_last: tuple[Whole | None, dict[Grouping, Groups]] = (None, {})


def grouped(whole: Whole, by: Grouping) -> Groups:
    """Return the groups of a map."""
    global _last
    known, groupings = _last
    if known is None or not known.has_same_calls(whole):
        groupings = {}
        _last = whole, groupings
    if by not in groupings:
        groupings[by] = _grouped(whole, by)
    return groupings[by]


def _grouped(whole: Whole, by: Grouping) -> Groups:
    name = _NAMES[by]
    group_of = {key: _BY_KIND.get(vertex.kind) or name(vertex) or NAMELESS for key, vertex in whole.vertices.items()}
    members: dict[str, list[Vertex]] = defaultdict(list)
    for key, vertex in whole.vertices.items():
        members[group_of[key]].append(vertex)
    groups = {
        key: Group(key, tuple(sorted(members[key], key=lambda each: (each.name, int(each.id)))), _column(members[key]))
        for key in sorted(members)
    }
    return Groups(groups, group_of, bundled(whole.arcs, group_of))


def bundled(arcs: Sequence[Arc], place_of: Mapping[str, str]) -> list[Bundle]:
    """Return the calls between places, one bundle a pair, given the place of each vertex."""
    by_pair: dict[tuple[str, str], list[Arc]] = defaultdict(list)
    for arc in arcs:
        if arc.client in place_of and arc.server in place_of:
            by_pair[place_of[arc.client], place_of[arc.server]].append(arc)
    return [Bundle(*pair, tuple(by_pair[pair])) for pair in sorted(by_pair)]


def _column(members: Sequence[Vertex]) -> int | None:
    """Return the column that most of the members know for themselves, if half of them know one."""
    known = sorted(column for each in members if (column := column_of(each.kind, each.tier)) is not None)
    if 2 * len(known) < len(members):
        return None
    return max(((len(list(same)), -column) for column, same in groupby(known)), default=(0, 0))[1] * -1


def _domain(vertex: Vertex) -> str:
    """Return the first word of the namespace, or of the name: `payments-eu` belongs to payments."""
    return (vertex.namespace or vertex.name).split("-")[0].split(".")[0]


_NAMES: Final[Mapping[Grouping, Callable[[Vertex], str | None]]] = {
    "namespace": lambda vertex: vertex.namespace,
    "team": lambda vertex: vertex.team,
    "domain": _domain,
}
