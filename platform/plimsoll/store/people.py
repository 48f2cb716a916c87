"""People who sign in: made, given roles, turned away and let in again, each with its line in the audit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store import locks, notices
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Membership, Team
from plimsoll.store.passwords import check_password
from plimsoll.store.roles import ROLES, Grant


@dataclass(frozen=True, slots=True)
class Role:
    """A role that somebody has, with the words for where."""

    role: str
    team: int | None = None
    slug: str = ""
    team_name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    id: int
    name: str
    is_active: bool
    has_password: bool
    last_sign_in: datetime | None
    roles: tuple[Role, ...]

    @property
    def initials(self) -> str:
        """One or two letters that stand for the name where there is no room."""
        words = [word for word in re.split(r"[^\w]|_", self.name.partition("@")[0]) if word]
        return "".join(word[0] for word in words[:2]).upper() or "?"

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The roles as rules need them; none for somebody who was turned away."""
        return tuple(Grant(role.role, role.team) for role in self.roles) if self.is_active else ()


class LastAdmin(PlimsollError):
    """Nobody would be left who can administer the site."""

    def __init__(self) -> None:
        super().__init__(_("This is the last site admin who can sign in; make another one first."))


def person(user: int) -> Person | None:
    """Return the person with the id, or None."""
    found = _people().filter(pk=user).first()
    return None if found is None else _person(found)


def people(team: int | None = None) -> list[Person]:
    """Return everybody by name, or those with a role in a team."""
    users = _people().order_by("username")
    return [_person(user) for user in (users if team is None else users.filter(memberships__team=team))]


def named(name: str) -> Person | None:
    """Return the person of a name, however it is written, or None."""
    found = _people().filter(username__iexact=name).first()
    return None if found is None else _person(found)


def is_anybody() -> bool:
    """Whether anybody was ever let in: then nobody may make themselves the first."""
    return User.objects.exists()


def admins(team: int | None = None) -> list[str]:
    """Return who can grant what a team's things need: its admins, else the site's."""
    active = Membership.objects.filter(user__is_active=True).order_by("user__username")
    of_team = active.filter(team=team, role="team_admin") if team is not None else active.none()
    of_site = active.filter(team=None, role="site_admin")
    return list((of_team if of_team.exists() else of_site).values_list("user__username", flat=True))


def add_person(actor: Actor, name: str, role: str, team: Team | None = None, password: str | None = None) -> Person:
    """Let somebody in with a role, over the site or in a team; without a password they need a sign-in link."""
    user = User(username=name.strip())
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise BadSetting(
            f"{name!r} is no name to sign in with: letters, digits and @ . + - _, at most 150, such as lin.yue."
        ) from error
    if password is not None:
        check_password(password, user)
    with audited(actor, "add", f"person {user.username}") as change:
        locks.hold(locks.Kind.PEOPLE, "all")
        _check_role(role, team)
        if User.objects.filter(username__iexact=user.username).exists():
            raise PlimsollError(
                _("There is already somebody called %(name)s; choose another name.") % {"name": user.username}
            )
        user.set_password(password)
        user.save(force_insert=True)
        Membership.objects.create(user=user, role=role, team=team)
        change.after = _role_words(role, team)
    return _known(user.pk)


def add_first(name: str, password: str, address: str = "") -> Person:
    """Make the first person, a site admin; PlimsollError once there is anybody."""
    with transaction.atomic():
        locks.hold(locks.Kind.PEOPLE, "all")
        if is_anybody():
            raise PlimsollError(_("Somebody has already made the first sign-in; ask them for a link."))
        return add_person(Actor(name.strip(), address=address), name, "site_admin", password=password)


def grant(actor: Actor, user: int, role: str, team: Team | None = None) -> None:
    """Give somebody a role over the site or in a team, in place of the one they had there."""
    _check_role(role, team)
    with _changing(), audited(actor, "change", f"person {_known(user).name}") as change:
        row = Membership.objects.filter(user_id=user, team=team).first()
        change.before = _role_words(row.role, team) if row else {}
        change.after = _role_words(role, team)
        Membership.objects.update_or_create(user_id=user, team=team, defaults={"role": role})


def withdraw(actor: Actor, user: int, team: Team | None = None) -> None:
    """Take a role over the site or in a team away."""
    with _changing(), audited(actor, "change", f"person {_known(user).name}") as change:
        row = Membership.objects.filter(user_id=user, team=team).first()
        if row is None:
            raise PlimsollError(_("They do not have this role any more."))
        change.before = _role_words(row.role, team)
        row.delete()


def activate(actor: Actor, user: int, is_active: bool) -> None:
    """Turn somebody away, which ends all their sessions, or let them in again."""
    with _changing(), audited(actor, "change", f"person {_known(user).name}") as change:
        change.before = {"active": _known(user).is_active}
        change.after = {"active": is_active}
        User.objects.filter(pk=user).update(is_active=is_active)


def remove(actor: Actor, user: int) -> None:
    """Remove somebody for good; what they did stays in the audit under their name."""
    with _changing(), audited(actor, "remove", f"person {_known(user).name}"):
        User.objects.filter(pk=user).delete()


@contextmanager
def _changing() -> Iterator[None]:
    """Change somebody's rights: one at a time over all processes, and never so that no site admin is left."""
    with transaction.atomic():
        locks.hold(locks.Kind.PEOPLE, "all")
        had = _site_admins()
        yield
        notices.access_changed()
        if had and not _site_admins():
            raise LastAdmin


def _site_admins() -> int:
    return Membership.objects.filter(team=None, role="site_admin", user__is_active=True).count()


def _check_role(role: str, team: Team | None) -> None:
    if role not in ROLES:
        raise BadSetting(f"{role!r} is not a role; it is one of {', '.join(ROLES)}.")
    if role == "site_admin" and team is not None:
        raise BadSetting("A site admin is never bound to a team; leave the team out, or choose team_admin.")
    if role == "team_admin" and team is None:
        raise BadSetting("A team admin needs a team; name one, or choose site_admin.")


def _role_words(role: str, team: Team | None) -> dict[str, object]:
    return {"role": role, **({"team": team.slug} if team else {})}


def _people() -> QuerySet[User]:
    memberships = Membership.objects.select_related("team").order_by("team__name")
    return User.objects.prefetch_related(Prefetch("memberships", queryset=memberships))


def _person(user: User) -> Person:
    roles = [
        Role(row.role, row.team_id, row.team.slug if row.team else "", row.team.name if row.team else "")
        for row in user.memberships.all()
    ]
    # Over the site first.
    roles.sort(key=lambda role: role.team is not None)
    return Person(user.pk, user.username, user.is_active, user.has_usable_password(), user.last_login, tuple(roles))


def _known(user: int) -> Person:
    found = person(user)
    if found is None:
        raise PlimsollError(_("This person does not exist any more."))
    return found
