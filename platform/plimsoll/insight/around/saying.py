"""People's words about an incident: recorded beside its sender's, with everything that follows from them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from plimsoll.insight.linkage import relink
from plimsoll.store.records import record
from plimsoll.store.spoken import observation_of


def say(incident: int, words: Mapping[str, object], at: datetime) -> None:
    """Record what a person says about an incident (`store/overruling`), with all that follows.

    Raises LookupError when there is no such incident.
    """
    with transaction.atomic():
        source, observation = observation_of(incident, words, at)
        touched = record(source, [observation])
        if touched.series or touched.repos:
            relink(series=touched.series, repos=touched.repos, now=at)
