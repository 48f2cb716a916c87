"""Environments and their classes: what counts as production."""

from dataclasses import dataclass

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.store.audit import Actor, audited
from plimsoll.store.catalog_file.applying import managed_environments
from plimsoll.store.environments import CLASSES
from plimsoll.store.models import Environment
from plimsoll.store.settings.ruling import Ruled


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """An environment in the list."""

    id: int
    name: str
    environment_class: str
    is_ruled: bool


def environment_rows() -> list[EnvironmentRow]:
    """Return all environments, by class and name."""
    rows = list(Environment.objects.order_by("name"))
    by_file = managed_environments([row.name for row in rows])
    rows.sort(key=lambda row: CLASSES.index(row.environment_class) if row.environment_class in CLASSES else 9)
    return [EnvironmentRow(row.pk, row.name, row.environment_class, row.name in by_file) for row in rows]


def classify(actor: Actor, pk: int, environment_class: str) -> str:
    """Say of which class an environment is, and return its name."""
    if environment_class not in CLASSES:
        raise BadSetting(f"{environment_class!r} is not a class; it is one of {', '.join(CLASSES)}.")
    row = Environment.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise PlimsollError(_("This environment does not exist any more."))
    if managed_environments([row.name]):
        raise Ruled
    with audited(actor, "change", f"environment {row.name}") as change:
        change.before = {"environment_class": row.environment_class}
        change.after = {"environment_class": environment_class}
        Environment.objects.filter(pk=pk).update(environment_class=environment_class, updated_at=Now())
    return row.name
