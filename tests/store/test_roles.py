"""Which role may do what: every one of them."""

import pytest

from plimsoll.store.roles import ACTIONS, ROLES, Grant, may, may_somewhere, readable_teams

OWN, OTHER = 1, 2
# What each role may do to something of its own team, of another team, and of the organisation.
SITE = {
    "viewer": ("read", "read", "read"),
    "member": ("read act claim", "read act claim", "read act claim"),
    "team_admin": ("read act claim manage", "read act claim manage", "read act claim"),
    "site_admin": ("read act claim manage administer",) * 3,
}
TEAM = {
    "viewer": ("read", "", ""),
    "member": ("read act claim", "", ""),
    "team_admin": ("read act claim manage", "", ""),
    # Never made, and not obeyed beyond the team.
    "site_admin": ("read act claim manage", "", ""),
}
CASES = [
    (Grant(role, bound), action, of, action in allowed.split())
    for bound, table in ((None, SITE), (OWN, TEAM))
    for role, cells in table.items()
    for of, allowed in zip((OWN, OTHER, None), cells, strict=True)
    for action in ACTIONS
]


@pytest.mark.parametrize(("grant", "action", "of", "allowed"), CASES)
def test_a_role_allows_just_this(grant: Grant, action: str, of: int | None, allowed: bool) -> None:
    assert action in ACTIONS
    assert may([grant], action, of) is allowed


def test_the_table_knows_every_role_and_action() -> None:
    assert len(CASES) == 2 * len(ROLES) * 3 * len(ACTIONS) == 120


def test_nobody_and_unknown_roles_may_nothing() -> None:
    for grants in ([], [Grant("captain")], [Grant("captain", OWN)]):
        assert not any(may(grants, action, team) for action in ACTIONS for team in (None, OWN))
        assert readable_teams(grants) == frozenset()


def test_roles_add_up() -> None:
    grants = [Grant("viewer"), Grant("team_admin", OWN)]

    assert may(grants, "manage", OWN)
    assert not may(grants, "manage", OTHER)
    assert may(grants, "read", OTHER)
    assert may_somewhere(grants, "manage")
    assert not may_somewhere(grants, "administer")


def test_who_has_roles_in_teams_only_reads_these_teams() -> None:
    assert readable_teams([Grant("member", OWN), Grant("viewer", OTHER)]) == frozenset({OWN, OTHER})
    assert readable_teams([Grant("member", OWN), Grant("viewer")]) is None
