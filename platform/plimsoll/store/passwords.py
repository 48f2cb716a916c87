"""Passwords, and the links that let somebody choose one: signed, for one use, for a day."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from plimsoll.errors import BadSetting
from plimsoll.store import notices
from plimsoll.store.audit import Actor, record

# How long the link that `plimsoll up` prints lets somebody become the first person.
FIRST_LINK_S = 15 * 60
_FIRST = "plimsoll.store.passwords.first"


def set_password(actor: Actor, user: int, password: str) -> User:
    """Give somebody a password, which ends their other sessions, and return the user to sign in."""
    found = User.objects.get(pk=user)
    check_password(password, found)
    with transaction.atomic():
        found.set_password(password)
        found.save(update_fields=["password"])
        record(actor, "set_password", f"person {found.username}")
        notices.access_changed()
    return found


def check_password(password: str, user: User | None = None) -> None:
    """Raise BadPassword when it is too easy to guess."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadPassword(error.messages) from error


class BadPassword(BadSetting):
    """A password that is too easy to guess, with each reason in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class _Links(PasswordResetTokenGenerator):
    """Signs links that let somebody choose a password: once, as a new password or a sign-in makes them worthless."""

    key_salt = "plimsoll.store.people.link"


_links = _Links()


def link_for(actor: Actor, user: int) -> str:
    """Return the path of a link that lets somebody choose a password once, and write that it was made."""
    found = User.objects.get(pk=user)
    with transaction.atomic():
        record(actor, "link", f"person {found.username}")
    return f"/sign-in/link/{urlsafe_base64_encode(force_bytes(found.pk))}/{_links.make_token(found)}/"


def user_of_link(uid: str, token: str) -> User | None:
    """Return whom a link is for, or None when it is worth nothing (any more)."""
    try:
        found = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return found if found is not None and _links.check_token(found, token) else None


def first_link() -> str:
    """Return the path of the link that lets whoever reads the terminal become the first person."""
    return f"/setup/?t={signing.dumps('first', salt=_FIRST)}"


def is_first_link(token: str) -> bool:
    """Whether the token of a first link is ours and not too old; whether it was used, the people say."""
    try:
        signing.loads(token, salt=_FIRST, max_age=FIRST_LINK_S)
    except signing.BadSignature:
        return False
    return True
