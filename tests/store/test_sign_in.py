"""Who fails to sign in waits, longer each time, over all processes; who succeeds begins anew."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from plimsoll.store import people
from plimsoll.store.audit import Actor, events
from plimsoll.store.models import AuditEvent, SignInAttempt
from plimsoll.store.sign_in import ADDRESS, NAME, MustWait, signed_in

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery"
HOME, AWAY = "192.0.2.7", "192.0.2.8"
hashed: list[str] = []


class Counting(MD5PasswordHasher):
    """A fast hasher that says how often it was used."""

    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def _lin(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    people.add_person(Actor("admin"), "Lin", "viewer", password=GOOD)
    hashed.clear()


def fail(times: int, name: str = "lin", address: str = HOME) -> None:
    """Fail as often, without waiting: the failures are as old as they need to be."""
    SignInAttempt.objects.bulk_create(SignInAttempt(name=name, address=address) for _ in range(times))


def test_the_right_password_opens_however_the_name_is_written() -> None:
    for name in ("Lin", "lin", " LIN "):
        user = signed_in(name, GOOD, HOME)
        assert user is not None
        assert user.username == "Lin"
    (event, *_) = events().events
    assert (event.actor, event.action, event.after) == ("Lin", "sign_in", {"address": HOME})


def test_a_wrong_password_opens_nothing() -> None:
    assert signed_in("lin", "wrong", HOME) is None
    assert [event.action for event in events().events] == ["sign_in_failed", "add"]


def test_somebody_who_was_turned_away_is_not_let_in() -> None:
    people.add_person(Actor("admin"), "admin", "site_admin")
    lin = people.named("lin")
    assert lin is not None
    people.activate(Actor("admin"), lin.id, False)

    assert signed_in("lin", GOOD, HOME) is None


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one_and_is_not_written_down() -> None:
    signed_in("lin", "wrong", HOME)
    known = len(hashed)
    hashed.clear()

    signed_in("my secret passphrase", "wrong", HOME)

    assert len(hashed) == known == 1
    assert "passphrase" not in repr(list(AuditEvent.objects.values()))


def test_the_first_failures_cost_nothing() -> None:
    fail(NAME.free - 1)

    assert signed_in("lin", GOOD, HOME) is not None


def test_then_a_name_waits_wherever_it_is_tried_from() -> None:
    fail(NAME.free)

    with pytest.raises(MustWait) as waiting:
        signed_in("LIN", GOOD, AWAY)

    assert 1 <= waiting.value.seconds <= 5
    assert hashed == []


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [NAME.wait_s(failures) for failures in range(4, 15)]

    assert waits == [0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert ADDRESS.wait_s(19) == 0
    assert [ADDRESS.wait_s(failures) for failures in (20, 21, 1000, 10**9)] == [5, 10, 60, 60]


def test_who_has_waited_may_try_again() -> None:
    fail(NAME.free)
    SignInAttempt.objects.update(created_at=timezone.now() - timedelta(seconds=6))

    assert signed_in("lin", GOOD, HOME) is not None


def test_waiting_is_not_made_longer_by_knocking() -> None:
    fail(NAME.free)

    for _ in range(10):
        with pytest.raises(MustWait):
            signed_in("lin", "wrong", HOME)

    assert SignInAttempt.objects.count() == NAME.free


def test_an_address_waits_whichever_names_it_tries() -> None:
    for number in range(ADDRESS.free):
        fail(1, name=f"guess-{number}")

    with pytest.raises(MustWait):
        signed_in("lin", GOOD, HOME)
    assert signed_in("lin", GOOD, AWAY) is not None


def test_success_clears_the_name() -> None:
    fail(NAME.free - 1)
    fail(2, name="other")
    signed_in("lin", GOOD, HOME)

    assert set(SignInAttempt.objects.values_list("name", flat=True)) == {"other"}


def test_what_is_old_counts_no_more_and_goes() -> None:
    fail(50)
    SignInAttempt.objects.update(created_at=timezone.now() - timedelta(hours=2))
    fail(1, name="ancient")
    SignInAttempt.objects.filter(name="ancient").update(created_at=timezone.now() - timedelta(days=2))

    assert signed_in("lin", "wrong", HOME) is None
    assert not SignInAttempt.objects.filter(name="ancient").exists()


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_do_not_overtake_their_own_count() -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            signed_in("lin", "wrong", HOME)
            outcomes.append("looked at")
        except MustWait:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("looked at") == NAME.free
    assert outcomes.count("refused") == 12 - NAME.free
