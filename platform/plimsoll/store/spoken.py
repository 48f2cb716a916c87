"""A person's words about an incident as an observation of its record."""

from collections.abc import Mapping
from datetime import datetime

from plimsoll.store.merge import Observation
from plimsoll.store.models import Incident, Source


def observation_of(incident: int, words: Mapping[str, object], at: datetime) -> tuple[Source, Observation]:
    """Return an observation of an incident by people, and the source whose record it is; LookupError without one."""
    row = Incident.objects.select_related("source").filter(pk=incident).first()
    if row is None:
        raise LookupError(incident)
    # A sender that was removed leaves its incidents to the people.
    return row.source or Source(), Observation("incident", row.external_id, at, dict(words))
