"""What a provider is: how it signs, how its deliveries are told apart, and what its events say."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.webhooks.naming import Settings
from ingest.webhooks.signatures import Headers
from plimsoll.store.merge import Observation

MIB = 1 << 20
# Keys from headers that are longer are replaced by their hash, as an index cannot hold them.
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Applied:
    """The records a delivery speaks of, and what a person should know about it."""

    observations: Sequence[Observation]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that is known but of no use, and why."""

    reason: str


class Authenticate(Protocol):
    """Says whether a request proves that it knows one of the secrets; `now` is the clock in Unix seconds."""

    def __call__(
        self, body: bytes, headers: Headers, secrets: Sequence[str], settings: Settings, now: float
    ) -> bool: ...


class Normalise(Protocol):
    """Says which records a body speaks of: pure, tolerant of unknown events and extra keys; else `Unusable`."""

    def __call__(
        self, body: object, headers: Headers, settings: Settings, received_at: datetime
    ) -> Applied | Ignored: ...


class Key(Protocol):
    """Returns what a redelivery repeats, or "" when only the body can tell (webhook-providers, section 4)."""

    def __call__(self, body: object, headers: Headers) -> str: ...


class Ends(Protocol):
    """Returns the keys under which earlier bodies are no repetition any more after this one."""

    def __call__(self, body: object) -> Collection[str]: ...


class Name(Protocol):
    """Returns the event's name, for people."""

    def __call__(self, body: object, headers: Headers) -> str: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body: a JSON pointer to it, and what would be right."""

    pointer: str
    detail: str


class Check(Protocol):
    """Returns what is wrong with a body before it is accepted, for senders that write it themselves."""

    def __call__(self, body: object, settings: Settings) -> Sequence[Fault]: ...


def _ends_nothing(body: object) -> Collection[str]:
    return ()


def _no_faults(body: object, settings: Settings) -> Sequence[Fault]:
    return ()


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of sender.

    `headers` are the names, in lower case, that are kept with a delivery, `proof` is that of the one which says who
    sends; `settings` are the names of what only a source of this kind can be told (webhook-providers, section 2).
    """

    name: str
    authenticate: Authenticate
    key: Key
    event: Name
    normalise: Normalise
    headers: frozenset[str] = frozenset()
    limit: int = 5 * MIB
    accepts_form: bool = False
    accepts_token: bool = False
    ping: Name = lambda body, headers: ""
    check: Check = _no_faults
    ends: Ends = _ends_nothing
    settings: frozenset[str] = frozenset()
    proof: str = ""


# What a source of any kind can be told.
COMMON_SETTINGS = frozenset(
    {
        "allow_unsigned",
        "default_environment",
        "default_service",
        "environment_map",
        "service_map",
        "service_strip_suffix",
    }
)


def delivery_key(provider: Provider, raw: bytes, body: object, headers: Headers) -> str:
    """Return the delivery's key: the provider's own, else the hash of the body."""
    own = provider.key(body, headers)
    if not own:
        return "sha256:" + hashlib.sha256(raw).hexdigest()
    if len(own) > _LONGEST_KEY:
        return "sha256:" + hashlib.sha256(own.encode()).hexdigest()
    return own


# Kept for every provider; never what authenticates (webhook-providers, section 1, step 4).
COMMON_HEADERS = frozenset({"content-type", "user-agent"})
NEVER_KEPT = frozenset({"authorization", "cookie", "x-gitlab-token", "x-buildkite-token", "proxy-authorization"})


def kept_headers(provider: Provider, headers: Headers) -> Mapping[str, str]:
    """Return the headers that may be stored with a delivery."""
    wanted = (COMMON_HEADERS | provider.headers) - NEVER_KEPT
    return {name: value[:1000] for name, value in headers.items() if name in wanted}
