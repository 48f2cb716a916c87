"""What the catalog file rules: people look at it here, and change it there."""

from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store.catalog_file.applying import managed


class Ruled(PlimsollError):
    """The catalog file decides this."""

    def __init__(self) -> None:
        super().__init__(_("The catalog file decides this; change it there."))


def ruled(kind: str) -> set[int]:
    """Return the ids of the things of a kind that the file rules."""
    return managed().get(kind, set())


def refuse_ruled(kind: str, pk: int) -> None:
    """Raise Ruled when the file rules this thing."""
    if pk in ruled(kind):
        raise Ruled
