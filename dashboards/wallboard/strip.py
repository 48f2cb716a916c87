"""The teams at the foot of a board, each against its marks; and which board comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dashboards import words
from dashboards.frame.marks import Status, status
from plimsoll.insight.board.load import Load
from plimsoll.store.queries.board import OwnTeam

# Teams that the foot has room for.
ROOM: Final = 6
# The mark's tick stands at five sixths of a bar, so that there is room beyond it; a bar has this many units.
UNITS, TICK = 186, 155
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Bar:
    """A team: what stands worst to its mark of its four figures, and how much of that mark it uses."""

    slug: str
    name: str
    status: Status
    width: str
    about: str
    # where there is no room for all, the last by this go first
    rank: int
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A board in the rotation."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The teams, and how many more there are."""

    bars: tuple[Bar, ...]
    more: int = 0


def strip(teams: Sequence[tuple[OwnTeam, Load | None]], here: str, names: dict[str, str]) -> Strip:
    """Return the foot. With more teams than there is room for, those that stand worst to their marks are shown."""
    worst = sorted(teams, key=_need)
    if len(worst) > ROOM:
        worst = worst[: ROOM - 1]
    bars = [_bar(each, worst.index(each), here, names) for each in teams if each in worst]
    return Strip(tuple(bars), len(teams) - len(bars))


def stops(teams: Sequence[tuple[OwnTeam, Load | None]], organisation: str) -> tuple[Stop, ...]:
    """Return the boards in the order of the rotation: the organisation's (if named), then the teams', the worst first.

    So over the mark comes before near it; all others follow in their usual order.
    """
    first = (Stop(ALL, organisation),) if organisation else ()
    return (*first, *(Stop(team.slug, team.name) for team, _load in sorted(teams, key=_need)))


def _need(entry: tuple[OwnTeam, Load | None]) -> tuple[float, int]:
    team, load = entry
    return (-load.ratio if load is not None and _status(load) in ("warn", "bad") else 0.0, team.id)


def _status(load: Load | None) -> Status:
    return "unk" if load is None else status(load.value, load.mark, load.metric)


def _bar(entry: tuple[OwnTeam, Load | None], rank: int, here: str, names: dict[str, str]) -> Bar:
    team, load = entry
    said = _status(load)
    if load is None:
        about = _("No figure of this team has a mark.")
    else:
        share = words.fixed(min(load.ratio, 9.99), 0, 0.01)
        about = _("%(metric)s uses %(share)s %% of its mark.") % {"metric": names[load.metric], "share": share}
    width = 0.0 if load is None else min(load.ratio * TICK, UNITS)
    return Bar(team.slug, team.name, said, f"{width:.1f}", about, rank, team.slug == here)
