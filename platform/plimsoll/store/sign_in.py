"""How long somebody who failed to sign in has to wait, counted over all processes.

Every try is written down before the password is looked at, and taken back when it was right: tries that come in at once
cannot overtake their own count. A name waits for up to a quarter of an hour, whoever tries it. An address waits for a
minute at most, as a proxy's is that of everybody behind it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from plimsoll.store import locks
from plimsoll.store.audit import Actor, record
from plimsoll.store.models import SignInAttempt

# What is older counts no more.
COUNTED = timedelta(hours=1)
KEPT = timedelta(days=1)
_LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Rule:
    """How many tries cost nothing, and how long one waits from then on: doubling with each, up to a limit."""

    free: int
    first_s: int
    longest_s: int

    def wait_s(self, failures: int) -> int:
        """Return how long to wait after so many failures."""
        if failures < self.free:
            return 0
        return int(min(self.first_s * 2 ** min(failures - self.free, 16), self.longest_s))


NAME = Rule(free=5, first_s=5, longest_s=900)
ADDRESS = Rule(free=20, first_s=5, longest_s=60)


class MustWait(Exception):
    """Too many tries: the password was not looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many tries; wait {seconds} s.")
        self.seconds = seconds


def signed_in(name: str, password: str, address: str) -> User | None:
    """Return who may come in, or None, and write down which of both; MustWait when there were too many tries."""
    user = proven(name, password, address)
    if user is None:
        known = _known(_folded(name)) or "unknown"
        record(Actor(known, address=address), "sign_in_failed", f"person {known}")
    else:
        record(Actor(user.username, user.pk, address), "sign_in", f"person {user.username}")
    return user


def proven(name: str, password: str, address: str) -> User | None:
    """Return the user whose name and password these are, or None; MustWait when there were too many tries."""
    folded = _folded(name)
    attempt = _counted(folded, address, timezone.now())
    # An unknown name is looked up and hashed like a known one, so that the time does not tell them apart.
    user = authenticate(username=_known(folded) or folded, password=password)
    if not isinstance(user, User):
        return None
    SignInAttempt.objects.filter(Q(name=folded) | Q(pk=attempt)).delete()
    return user


def _folded(name: str) -> str:
    return name.strip().casefold()[:_LONGEST_NAME]


def _known(folded: str) -> str | None:
    """Return a name as it is written, None for nobody's."""
    return User.objects.filter(username__iexact=folded).values_list("username", flat=True).first()


def _counted(name: str, address: str, now: datetime) -> int:
    """Write a try down and return its number, unless it comes too early."""
    with transaction.atomic():
        locks.hold(locks.Kind.SIGN_IN, f"name {name}")
        locks.hold(locks.Kind.SIGN_IN, f"address {address}")
        left = max(_left_s(NAME, now, name=name), _left_s(ADDRESS, now, address=address))
        if left:
            raise MustWait(left)
        SignInAttempt.objects.filter(created_at__lt=now - KEPT).delete()
        return SignInAttempt.objects.create(name=name, address=address, created_at=now).pk


def _left_s(rule: Rule, now: datetime, **of: str) -> int:
    """Return how many more seconds a name or an address has to wait."""
    tries = SignInAttempt.objects.filter(created_at__gt=now - COUNTED, **of).order_by("-created_at")
    last = tries.values_list("created_at", flat=True).first()
    if last is None:
        return 0
    ends = last + timedelta(seconds=rule.wait_s(tries.count()))
    return max(0, ceil((ends - now).total_seconds()))
