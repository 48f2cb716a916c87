"""What a batch of observations touched, so that linkage recomputes that and nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Min, Q
from django.db.models.functions import Coalesce

from plimsoll.store.models import Deployment
from plimsoll.store.references import rows_of

_SHA_PREFIX = re.compile(r"[0-9a-f]{7,39}")


@dataclass(slots=True)
class Touched:
    """Series (service, environment) with the earliest event time, repositories whose changes changed, and services."""

    series: dict[tuple[int, int], datetime] = field(default_factory=dict)
    repos: set[str] = field(default_factory=set)
    services: set[int] = field(default_factory=set)
    # Incidents without an environment, and references to deployments, until `settle` has found what they lead to.
    everywhere: dict[int, datetime] = field(default_factory=dict)
    references: dict[str, datetime] = field(default_factory=dict)

    def mark(self, service: int, environment: int | None, at: datetime) -> None:
        """Note that a series changed at an event time; without an environment, every series of the service."""
        self.services.add(service)
        if environment is None:
            self.everywhere[service] = min(at, self.everywhere.get(service, at))
        else:
            key = (service, environment)
            self.series[key] = min(at, self.series.get(key, at))

    def refer(self, reference: str, at: datetime) -> None:
        """Note that something names a deployment as its cause."""
        self.references[reference] = min(at, self.references.get(reference, at))

    def settle(self) -> None:
        """Turn what was noted without a series into the series it means."""
        if self.everywhere:
            rows = Deployment.objects.filter(service__in=self.everywhere, environment__isnull=False)
            for service, environment in rows.order_by().values_list("service_id", "environment_id").distinct():
                if service is not None:
                    self.mark(service, environment, self.everywhere[service])
        if self.references:
            self._follow(list(self.references))
        self.everywhere, self.references = {}, {}

    def _follow(self, references: list[str]) -> None:
        named = (
            Q(external_id__in=references) | Q(url__in=references) | Q(version__in=references) | Q(sha__in=references)
        )
        named |= Q(pk__in=rows_of(references))
        for reference in references:
            if _SHA_PREFIX.fullmatch(reference):
                named |= Q(sha__startswith=reference)
        told_at = min(self.references.values())
        rows = Deployment.objects.filter(named, service__isnull=False, environment__isnull=False)
        began = Min(Coalesce("started_at", "queued_at", "finished_at"))
        found = rows.order_by().values_list("service_id", "environment_id").annotate(began=began)
        for service, environment, began_at in found:
            if service is not None:
                # From the named deployment on: linkage looks up what names the deployments that were touched.
                self.mark(service, environment, min(told_at, began_at or told_at))


def earliest(times: Iterable[object]) -> datetime | None:
    """Return the first of those that are times."""
    return min((time for time in times if isinstance(time, datetime)), default=None)
