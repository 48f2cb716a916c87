"""A stored webhook delivery that somebody wants read again."""

from plimsoll.store.deliveries import reopen
from plimsoll.store.models import WebhookDelivery


def replay(pk: int, team: int | None) -> bool:
    """Set a stored delivery pending again; False when there is none, or it is of another team than the reader's.

    Normalising a delivery twice gives the same records, so this is safe at any time.
    """
    found = WebhookDelivery.objects.filter(pk=pk)
    if team is not None:
        found = found.filter(source__team=team)
    return found.exists() and reopen([pk]) == 1
