"""People for the tests of pages: with a role, a password, and a browser that is signed in."""

from typing import Final

from django.contrib.auth.models import User
from django.test import Client

from plimsoll.store import people
from plimsoll.store.audit import Actor
from plimsoll.store.models import Team

PASSWORD: Final = "correct horse battery"
_ADMIN = Actor("tests")


def person(name: str = "lin", role: str = "site_admin", team: Team | None = None) -> people.Person:
    """Somebody with a role over the site or in a team."""
    return people.add_person(_ADMIN, name, role, team, PASSWORD)


def browser(who: people.Person, *, checks_csrf: bool = False) -> Client:
    """A browser in which somebody is signed in."""
    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(User.objects.get(pk=who.id))
    return client


def signed_in(role: str = "site_admin", team: Team | None = None, name: str = "lin") -> Client:
    """The browser of somebody new with a role."""
    return browser(person(name, role, team))
