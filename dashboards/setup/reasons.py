"""Why something was not taken, in words, with what mends it."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store.models import Source
from plimsoll.store.queries.setup import Item
from plimsoll.store.sources import secrets_of

# Of shorter secrets the last four would be too much.
_LONG_ENOUGH = 16


def why(item: Item, source: Source | None) -> str:
    """Return why an item was refused; with a source, whose secret the reader may know, also what is expected."""
    words = _WORDS.get(item.code)
    if words is None:
        return ""
    said = words(item.reason)
    return f"{said} {_expected(source)}".rstrip() if item.code == "mismatch" and source else said


def _expected(source: Source) -> str:
    """Return how the expected secret ends: enough to see whether the sender has another one."""
    try:
        secrets = secrets_of(source)
    except PlimsollError:
        return ""
    if not secrets or len(secrets[0]) < _LONG_ENOUGH:
        return ""
    return _("Last 4 of the secret we expect: %(last)s.") % {"last": secrets[0][-4:]}


def _skew(reason: str) -> str:
    seconds = int(reason) if reason.lstrip("+-").isdigit() else 0
    values = {"n": abs(seconds) // 60}
    if seconds > 0:
        return _("The sender's clock is %(n)d min ahead; signatures hold for 5 min. Turn on time sync there.") % values
    return _("The sender's clock is %(n)d min behind; signatures hold for 5 min. Turn on time sync there.") % values


_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "mismatch": lambda reason: _("The signature or secret does not match."),
    "no_proof": lambda reason: (
        _("No signature came: the header %(header)s is missing. Set the secret in the sender.") % {"header": reason}
    ),
    "no_secret": lambda reason: _("This source has no secret, so nobody can send to it. Make a new one."),
    "clock": _skew,
    "token_unknown": lambda reason: _("The token is not known, has expired or was revoked."),
    "token_scope": lambda reason: _("The token %(prefix)s lacks the scope for this.") % {"prefix": reason},
    "token_team": lambda reason: _("The token %(prefix)s belongs to another team.") % {"prefix": reason},
    "no_token": lambda reason: _("No token came. Send the header authorization: Bearer with a token."),
    "undecodable": lambda reason: _("The bytes are no OTLP message. Send OTLP over gRPC, not HTTP or Zipkin."),
    "invalid_record": lambda reason: _("A record does not follow the schema:"),
    "secret_unreadable": lambda reason: _("The secret was encrypted with another PLIMSOLL_SECRET_KEY."),
    "malformed_json": lambda reason: _("The body is no JSON."),
    "malformed_gzip": lambda reason: _("The body is no whole gzip."),
    "malformed_form": lambda reason: _("The body is no form with a payload."),
    "too_deep": lambda reason: _("The body is nested too deep."),
    "too_long": lambda reason: _("The body has a text that is too long."),
    "too_large": lambda reason: _("The body is too large."),
    "form_encoded": lambda reason: _("The body is a form. Set the webhook's content type to application/json."),
    "unsupported_encoding": lambda reason: _("The body's encoding is not known. Use gzip or none."),
}
