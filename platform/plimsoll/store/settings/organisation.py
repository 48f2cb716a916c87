"""The organisation, as pages call it."""

from django.db.models.functions import Now

from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Organisation
from plimsoll.store.settings.ruling import refuse_ruled


def organisation_name() -> str:
    """Return the organisation's name; empty while nobody has said one."""
    return Organisation.objects.values_list("name", flat=True).first() or ""


def rename_organisation(actor: Actor, name: str) -> None:
    """Give the organisation a name."""
    refuse_ruled("organisation", True)
    with audited(actor, "change", "organisation") as change:
        change.before, change.after = {"name": organisation_name()}, {"name": name}
        Organisation.objects.update_or_create(only=True, defaults={"name": name, "updated_at": Now()})
