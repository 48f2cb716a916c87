"""People are let in, given roles and turned away; somebody who can administer the site is always left."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store import people
from plimsoll.store.audit import Actor, events
from plimsoll.store.models import Membership, Team
from plimsoll.store.passwords import BadPassword, link_for, set_password, user_of_link
from plimsoll.store.roles import Grant
from plimsoll.store.teams import add_team

pytestmark = pytest.mark.django_db

ADMIN = Actor("admin")
GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fast_hashes(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


def parts(path: str) -> tuple[str, str]:
    """Return what a link's path names: whom, and the signed token."""
    *_, uid, token, _ = path.split("/")
    return uid, token


def test_a_person_has_the_role_they_were_let_in_with() -> None:
    team = add_team("payments", "Payments")

    made = people.add_person(ADMIN, "lin.yue", "member", team, GOOD)

    assert (made.name, made.is_active, made.has_password) == ("lin.yue", True, True)
    assert made.grants == (Grant("member", team.pk),)
    assert made.roles[0].team_name == "Payments"
    (line,) = events().events
    assert (line.target, line.after) == ("person lin.yue", {"role": "member", "team": "payments"})


def test_a_name_is_taken_however_it_is_written() -> None:
    people.add_person(ADMIN, "Lin", "viewer")

    with pytest.raises(PlimsollError, match="already somebody called"):
        people.add_person(ADMIN, "LIN", "viewer")
    assert User.objects.count() == 1
    found = people.named("lin")
    assert found is not None
    assert found.name == "Lin"


@pytest.mark.parametrize("name", ["", "two words", "x" * 151, "a/b", "<b>"])
def test_names_that_nobody_could_type_are_refused(name: str) -> None:
    with pytest.raises(BadSetting, match="is no name"):
        people.add_person(ADMIN, name, "viewer")


@pytest.mark.parametrize("password", ["short", "123456789012", "password1234", "lin.yue.2026"])
def test_passwords_that_are_easy_to_guess_are_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        people.add_person(ADMIN, "lin.yue.2026", "viewer", password=password)
    assert not User.objects.exists()


def test_roles_that_do_not_exist_are_refused() -> None:
    team = add_team("payments", "Payments")

    for role, of in (("captain", None), ("site_admin", team), ("team_admin", None)):
        with pytest.raises(BadSetting):
            people.add_person(ADMIN, "lin", role, of)
    assert not User.objects.exists()


def test_a_role_is_given_replaced_and_taken_away() -> None:
    team = add_team("payments", "Payments")
    lin = people.add_person(ADMIN, "lin", "viewer")

    people.grant(ADMIN, lin.id, "member", team)
    people.grant(ADMIN, lin.id, "team_admin", team)
    given = people.person(lin.id)
    people.withdraw(ADMIN, lin.id, team)

    assert given is not None
    assert given.grants == (Grant("viewer"), Grant("team_admin", team.pk))
    assert Membership.objects.count() == 1
    changes = [(event.before, event.after) for event in events(action="change").events]
    assert changes == [
        ({"role": "team_admin", "team": "payments"}, {}),
        ({"role": "member"}, {"role": "team_admin"}),
        ({}, {"role": "member", "team": "payments"}),
    ]


def test_the_last_site_admin_stays() -> None:
    lin = people.add_person(ADMIN, "lin", "site_admin")
    away = people.add_person(ADMIN, "mei", "site_admin")
    people.activate(ADMIN, away.id, False)

    taking: list[Callable[[], None]] = [
        lambda: people.grant(ADMIN, lin.id, "viewer"),
        lambda: people.withdraw(ADMIN, lin.id),
        lambda: people.activate(ADMIN, lin.id, False),
        lambda: people.remove(ADMIN, lin.id),
    ]

    for take in taking:
        with pytest.raises(people.LastAdmin):
            take()
    left = people.person(lin.id)
    assert left is not None
    assert left.grants == (Grant("site_admin"),)
    assert [event.action for event in events().events] == ["change", "add", "add"]


def test_somebody_who_was_turned_away_may_nothing() -> None:
    people.add_person(ADMIN, "admin", "site_admin")
    lin = people.add_person(ADMIN, "lin", "site_admin")

    people.activate(ADMIN, lin.id, False)

    away = people.person(lin.id)
    assert away is not None
    assert (away.is_active, away.grants) == (False, ())


def test_what_somebody_did_outlives_them() -> None:
    people.add_person(ADMIN, "admin", "site_admin")
    lin = people.add_person(ADMIN, "lin", "site_admin")
    people.add_person(Actor("lin", lin.id), "mei", "viewer")

    people.remove(ADMIN, lin.id)

    assert people.person(lin.id) is None
    assert [event.target for event in events(actor="lin").events] == ["person mei"]


def test_those_who_can_grant_are_the_teams_admins_or_else_the_sites() -> None:
    team, other = add_team("payments", "Payments"), add_team("games", "Games")
    people.add_person(ADMIN, "root", "site_admin")
    people.add_person(ADMIN, "lin", "team_admin", team)
    people.add_person(ADMIN, "mei", "member", team)

    assert people.admins(team.pk) == ["lin"]
    assert people.admins(other.pk) == ["root"]
    assert people.admins() == ["root"]


def test_a_link_lets_somebody_choose_a_password_once() -> None:
    lin = people.add_person(ADMIN, "lin", "viewer")
    link = parts(link_for(ADMIN, lin.id))

    user = user_of_link(*link)
    assert user is not None
    set_password(ADMIN, lin.id, GOOD)

    assert user.pk == lin.id
    assert user_of_link(*link) is None
    assert User.objects.get().check_password(GOOD)
    assert [event.action for event in events().events] == ["set_password", "link", "add"]


def test_a_link_that_is_forged_opens_nothing() -> None:
    lin = people.add_person(ADMIN, "lin", "viewer")
    mei = people.add_person(ADMIN, "mei", "viewer")
    uid, token = parts(link_for(ADMIN, lin.id))
    other, _ = parts(link_for(ADMIN, mei.id))

    for link in ((other, token), (uid, token[:-1]), (uid, ""), ("", token), ("!", token), ("OTk5OTk5OTk5OTk5", token)):
        assert user_of_link(*link) is None


def test_a_link_of_somebody_who_was_turned_away_opens_nothing() -> None:
    people.add_person(ADMIN, "admin", "site_admin")
    lin = people.add_person(ADMIN, "lin", "viewer")
    link = parts(link_for(ADMIN, lin.id))

    people.activate(ADMIN, lin.id, False)

    assert user_of_link(*link) is None


def test_the_first_person_is_a_site_admin_and_there_is_one_first_only() -> None:
    made = people.add_first("lin", GOOD)

    assert made.grants == (Grant("site_admin"),)
    with pytest.raises(PlimsollError, match="already made"):
        people.add_first("mei", GOOD)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_to_be_first_one_is() -> None:
    outcomes: list[str] = []

    def claim(number: int) -> None:
        try:
            outcomes.append(people.add_first(f"first-{number}", GOOD).name)
        except PlimsollError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes)[1:] == ["refused"] * 3
    assert User.objects.count() == 1


def test_a_team_that_goes_takes_its_roles_with_it() -> None:
    team = add_team("payments", "Payments")
    lin = people.add_person(ADMIN, "lin", "member", team)

    Team.objects.all().delete()

    left = people.person(lin.id)
    assert left is not None
    assert left.grants == ()
