"""Webhook deliveries that shall be read again."""

from django.db.models.functions import Now

from plimsoll.store.models import WebhookDelivery


def replay(pk: int, team: int | None) -> bool:
    """Set a stored delivery pending again; False when there is none, or it belongs to another team.

    Normalising a delivery twice gives the same records, so this is safe at any time.
    """
    found = WebhookDelivery.objects.filter(pk=pk)
    if team is not None:
        found = found.filter(source__team=team)
    changed = found.update(
        status="pending", result="", attempts=0, not_before=None, processed_at=None, updated_at=Now()
    )
    return changed == 1
