"""The worker's side of webhooks: from stored deliveries to records, in order, some hundred in one transaction."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import Error, InterfaceError, OperationalError, transaction

from ingest.webhooks import providers
from ingest.webhooks.bodies import Refused, document
from ingest.webhooks.provider import Ignored
from ingest.webhooks.reading import Unusable
from plimsoll import jobs
from plimsoll.insight.linkage import relink
from plimsoll.store import deliveries, notices
from plimsoll.store.deliveries import Delivery, Outcome
from plimsoll.store.merge import Kind, Observation, sound
from plimsoll.store.models import Source
from plimsoll.store.records import record_all

log = logging.getLogger(__name__)

BATCH = 200

# The pages that show a record: linkage may give an incident's cause and a deployment's verdict anew.
_SHOWN_BY: Mapping[Kind, tuple[str, ...]] = {
    "deployment": ("deployments", "incidents", "metrics"),
    "change": ("deployments", "metrics"),
    "incident": ("deployments", "incidents", "metrics"),
    "release": ("deployments",),
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a delivery says, and what will be written on it when that could be recorded."""

    delivery: Delivery
    observations: Sequence[Observation]
    note: str

    @property
    def observed(self) -> list[tuple[Source, Observation]]:
        return [(self.delivery.source, observation) for observation in self.observations]


def run() -> int:
    """Normalise the pending deliveries that are due, oldest first, until none is left; return how many they were."""
    total = 0
    while count := _batch():
        total += count
    return total


def replay(delivery_ids: Collection[int]) -> int:
    """Normalise deliveries again from what was stored; return how many. What has not changed stays as it is."""
    count = deliveries.reopen(delivery_ids)
    if count:
        transaction.on_commit(lambda: jobs.ask("normalise"))
    return count


def _batch() -> int:
    with transaction.atomic():
        claimed = deliveries.claim(BATCH)
        outcomes: list[Outcome] = []
        readings: list[_Reading] = []
        for delivery in claimed:
            read = _read(delivery)
            if isinstance(read, _Reading):
                readings.append(read)
            else:
                outcomes.append(read)
        deliveries.finish(outcomes + _recorded(readings))
        deliveries.mark_seen(claimed)
        if claimed:
            notices.changed("deliveries")
    return len(claimed)


def _read(delivery: Delivery) -> _Reading | Outcome:
    """Return what a delivery says, or why it says nothing."""
    provider = providers().get(delivery.source.provider)
    if provider is None:
        return Outcome(delivery, "failed", f"no provider {delivery.source.provider} is installed")
    try:
        content_type = delivery.headers.get("content-type", "")
        body = document(delivery.body, content_type, accepts_form=provider.accepts_form)
        said = provider.normalise(body, delivery.headers, delivery.source.settings, delivery.received_at)
        if isinstance(said, Ignored):
            return Outcome(delivery, "ignored", said.reason)
        observations = [sound(observation, delivery.received_at) for observation in said.observations]
    except (Unusable, Refused) as reason:
        return Outcome(delivery, "failed", str(reason))
    except Exception as error:
        # Not a word about the content: it may hold anything. The delivery itself is kept and can be replayed.
        log.exception("Delivery %d of %s could not be read.", delivery.id, delivery.source.name)
        return Outcome(delivery, "failed", f"could not be read ({type(error).__name__})")
    return _Reading(delivery, observations, said.note)


def _recorded(readings: Sequence[_Reading]) -> list[Outcome]:
    """Record all readings at once; when that fails, one by one, so that a bad one does not hold up the others."""
    if not readings:
        return []
    try:
        _record(readings)
    except (OperationalError, InterfaceError):
        # The database is away or busy: nothing is written, and the whole batch stays pending.
        raise
    except Exception as error:
        log.exception("%d deliveries from %d on were not recorded.", len(readings), readings[0].delivery.id)
        if len(readings) == 1:
            return _postponed(readings[0].delivery, error)
        return [outcome for reading in readings for outcome in _recorded([reading])]
    return [Outcome(reading.delivery, "applied", reading.note) for reading in readings]


def _record(readings: Sequence[_Reading]) -> None:
    with transaction.atomic():
        observed = [each for reading in readings for each in reading.observed]
        touched = record_all(observed)
        if touched.series or touched.repos:
            relink(series=touched.series, repos=touched.repos, now=datetime.now(UTC))
        if kinds := {observation.kind for _, observation in observed}:
            notices.changed(*sorted({topic for kind in kinds for topic in _SHOWN_BY[kind]}))


def _postponed(delivery: Delivery, error: Exception) -> list[Outcome]:
    kind = "database refused it" if isinstance(error, Error) else "could not be recorded"
    deliveries.postpone(delivery, f"{kind} ({type(error).__name__})", datetime.now(UTC))
    return []
