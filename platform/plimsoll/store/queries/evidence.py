"""What stands behind one record: the changes and incidents of a deployment, the deployments of a change, and so on."""

from collections.abc import Mapping

from django.db.models import Q

from plimsoll.store.queries.datasets import Dataset
from plimsoll.store.queries.datasets.dimensions import SERVICES
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS, INCIDENTS, LEAD_TIMES
from plimsoll.store.queries.records import Row, Wanted, page

# A list longer than this is read from its own address.
MOST = 1000

Evidence = Mapping[str, tuple[Dataset, list[Row]]]


def of_deployment(pk: int, team: int | None) -> Evidence:
    """Return the changes that a deployment carried, the incidents it caused, and its other attempts and rollouts."""
    return {
        "changes_carried": _rows(LEAD_TIMES, Q(deployment=pk), team, "created_at"),
        "incidents_caused": _rows(INCIDENTS, Q(caused_by=pk), team),
        "rollouts": _rows(DEPLOYMENTS, Q(rollout_of=pk), team),
    }


def of_change(pk: int, team: int | None) -> Evidence:
    """Return the deployments that carried a change, with the time it waited for each."""
    return {"deployments_by": _rows(LEAD_TIMES, Q(change=pk), team, "created_at")}


def of_incident(pk: int, team: int | None) -> Evidence:
    """Return the deployment that caused an incident (none or one), and the services it affects."""
    return {
        "caused_by_deployment": _rows(DEPLOYMENTS, Q(caused=pk), team),
        "affected_services": _rows(SERVICES, Q(incidents=pk), team),
    }


def _rows(dataset: Dataset, only: Q, team: int | None, ordering: str = "updated_at") -> tuple[Dataset, list[Row]]:
    return dataset, page(Wanted(dataset, only=only, team=team, ordering=ordering), MOST)
