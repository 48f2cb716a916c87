"""The kinds of senders that an installation understands, and how to set one up.

Who understands them (`ingest`) brings them here when it is loaded; who shows or makes them (pages, commands) finds them
here, without knowing where they come from.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from plimsoll.errors import BadSetting
from plimsoll.store.models import Source, Team
from plimsoll.store.sources import add_source


@dataclass(frozen=True, slots=True)
class Sender:
    """A kind of sender: what a source of it can be told, and whether a token does instead of a secret."""

    name: str
    settings: frozenset[str] = field(default_factory=frozenset)
    accepts_token: bool = False


Bring = Callable[[], Iterable[Sender]]
_brought: Final[list[Bring]] = []


def bring(senders: Bring) -> None:
    """Make kinds of senders known; they are asked for when first needed."""
    _brought.append(senders)


def senders() -> dict[str, Sender]:
    """Return all kinds of senders by name."""
    return {sender.name: sender for each in _brought for sender in each()}


def add(
    provider: str,
    name: str,
    *,
    secret: str | None = None,
    settings: Mapping[str, object] | None = None,
    team: Team | None = None,
) -> Source:
    """Make a source. Raises BadSetting for settings that nobody reads, and for a source that nobody can send to."""
    settings = settings or {}
    known = senders()
    if provider not in known:
        raise BadSetting(f"{provider!r} is not a provider; it is one of {', '.join(sorted(known))}.")
    if unknown := sorted(settings.keys() - known[provider].settings):
        raise BadSetting(
            f"--settings: a source of {provider} does not know {', '.join(map(repr, unknown))}, but "
            f"{', '.join(sorted(known[provider].settings))}."
        )
    if not (secret or known[provider].accepts_token or settings.get("allow_unsigned") is True):
        raise BadSetting(
            f"A source of {provider} without --secret answers 401 to everybody; give it the secret that the "
            "sender has, or let anybody in with --settings '{\"allow_unsigned\": true}'."
        )
    return add_source(provider, name, secret=secret, settings=settings, team=team)
