"""The number of a request: people read it where something failed, and the log has it with the reason."""

import secrets

from django.http import HttpRequest


def number_of(request: HttpRequest) -> str:
    """Return the request's number, the same however often it is asked for."""
    number: str = request.META.setdefault("plimsoll.number", secrets.token_hex(5))
    return number
