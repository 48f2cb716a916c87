"""Where the map has drawn things, so that they stay there."""

from collections.abc import Mapping

from django.db.models.functions import Now

from plimsoll.store.models import Layout

# Key: column, and order in it.
Places = dict[str, tuple[int, int]]


def kept(scope: str) -> Places:
    """Return the places that are kept of a scope; none where it was never drawn."""
    found = Layout.objects.filter(pk=scope).values_list("places", flat=True).first() or {}
    return {key: (place[0], place[1]) for key, place in found.items()}


def keep(scope: str, places: Mapping[str, tuple[int, int]]) -> bool:
    """Keep the places of a scope, and return whether that changed anything."""
    written = {key: list(place) for key, place in places.items()}
    if Layout.objects.filter(pk=scope).exclude(places=written).update(places=written, updated_at=Now()):
        return True
    _, is_new = Layout.objects.get_or_create(scope=scope, defaults={"places": written})
    return is_new


def forget(scope: str) -> None:
    """Forget the places of a scope: it is laid out anew when it is drawn next."""
    Layout.objects.filter(pk=scope).delete()
