"""The filter bar: what can be chosen, and what is chosen (ux, section 3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from dashboards.frame.filters import DEFAULT, RANGES, Filters
from plimsoll.store.queries.places import places, services_among


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what it is called, and where choosing (or dropping) it leads; `is_name`: not to be translated.

    `keys` are those that choose it: `[` and `]` go to the next shorter and the next longer range.
    """

    label: str
    query: str
    is_chosen: bool
    is_name: bool = True
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """One control of the bar: its name, what is chosen in words, and the choices.

    `link` is that of a range: an address with its times, to be copied.
    """

    name: str
    title: str
    chosen: str
    options: Sequence[Option]
    is_name: bool = True
    link: str = ""

    @property
    def taken(self) -> list[Option]:
        """All that is chosen, for paper: nobody can open a menu there."""
        return [option for option in self.options if option.is_chosen]


@dataclass(frozen=True, slots=True)
class Bar:
    """All controls, and what of the address did not make sense."""

    menus: Mapping[str, Menu]
    teams: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    notices: Sequence[str] = ()


def bar(asked: Filters, teams: Collection[int] | None) -> Bar:
    """Return the bar for what is asked; `teams` are those that the reader is limited to, if any."""
    there = places(teams)
    notices: list[str] = []
    chosen = _known(asked.teams, there.teams, _("team"), notices)
    services = _known(asked.services, services_among(asked.services, teams), _("service"), notices)
    environments = _known(asked.environments, there.environments, _("environment"), notices)
    clusters = _known(asked.clusters, there.clusters, _("cluster"), notices)
    menus = (
        _environments(asked, there.environments, environments),
        _menu("cluster", _("cluster"), asked, there.clusters, clusters),
        _menu("team", _("team"), asked, there.teams, chosen),
        _ranges(asked),
    )
    return Bar({menu.name: menu for menu in menus}, chosen, services, environments, clusters, notices)


def _known(asked: Sequence[str], there: Collection[str], what: str, notices: list[str]) -> tuple[str, ...]:
    missing = [each for each in asked if each not in there]
    if missing:
        names = ", ".join(missing)[:80]
        notices.append(_("There is no %(what)s “%(names)s”; it was left out.") % {"what": what, "names": names})
    return tuple(each for each in asked if each in there)


def _menu(name: str, title: str, asked: Filters, names: Mapping[str, str], chosen: Sequence[str]) -> Menu:
    every = Option(_("all"), asked.query(**{name: None}), not chosen, is_name=False)
    options = [Option(label, asked.toggled(name, value), value in chosen) for value, label in names.items()]
    return Menu(name, title, _said(chosen, names), [every, *options], is_name=len(chosen) == 1)


def _said(chosen: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the choice in a few words."""
    if len(chosen) == 1:
        return names[chosen[0]]
    return _("%(n)d chosen") % {"n": len(chosen)} if chosen else _("all")


def _environments(asked: Filters, there: Mapping[str, str], chosen: Sequence[str]) -> Menu:
    """Return the environments; unless one is chosen, figures are about those of the class production."""
    menu = _menu("env", _("env"), asked, there, chosen)
    if chosen:
        return menu
    first = Option(_("production"), asked.query(env=None), True, is_name=False)
    return Menu("env", menu.title, _("production"), [first, *menu.options[1:]], is_name=False)


def _ranges(asked: Filters) -> Menu:
    labels = {"7d": _("7 days"), "28d": _("28 days"), "90d": _("90 days"), "1y": _("1 year")}
    options = [
        Option(
            labels[name],
            asked.query(range=None if name == DEFAULT else name, **{"from": None, "to": None}),
            name == asked.range,
            is_name=False,
        )
        for name in RANGES
    ]
    options = keyed(options, [timedelta(days=days) for days in RANGES.values()], asked.end - asked.start)
    said = labels[asked.range] if asked.range else asked.times
    return Menu("range", _("range"), said, options, is_name=not asked.range, link=asked.absolute)


def keyed(options: Sequence[Option], lengths: Sequence[timedelta], shown: timedelta) -> list[Option]:
    """Return the choice of ranges, the shortest first, with the keys that lead from what is shown to the next.

    From times of one's own that are beyond all of them, both keys lead to the nearest.
    """
    shorter = max((n for n, length in enumerate(lengths) if length < shown), default=0)
    longer = min((n for n, length in enumerate(lengths) if length > shown), default=len(lengths) - 1)
    return [
        option if option.is_chosen else replace(option, keys="[" * (n == shorter) + "]" * (n == longer))
        for n, option in enumerate(options)
    ]
