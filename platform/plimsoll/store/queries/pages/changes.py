"""Changes as lists show them: with the deployments that carried them, or with how long they waited for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from plimsoll.store.models import Change, DeploymentChange
from plimsoll.store.queries.datasets.facts import CHANGES
from plimsoll.store.queries.pages.lists import Order, in_order, page_ids, sizes
from plimsoll.store.queries.records import Wanted, chosen

_MADE = Coalesce("merged_at", "committed_at", "authored_at", "opened_at")
CHANGE_ORDERS: Final[Mapping[str, F | Coalesce]] = {"at": _MADE, "author": F("author"), "repo": F("repo")}
WAIT_ORDERS: Final[Mapping[str, F | Coalesce]] = {
    "at": F("deployment__finished_at"),
    "lead_time": F("lead_time_s"),
    "author": F("change__author"),
}
# As the list of deployments has them: further attempts and rollouts are no rows of their own.
_BY = DeploymentChange.objects.filter(
    change=OuterRef("pk"), deployment__is_deleted=False, deployment__rollout_of=None
).order_by()


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One change. `at` is its merge, else when it was made; `deployments` says how many carried it."""

    id: int
    grain: str
    repo: str
    sha: str | None
    number: int | None
    title: str | None
    author: str | None
    state: str | None
    url: str | None
    at: datetime | None
    deployments: int

    @property
    def name(self) -> str:
        """What people call it."""
        return f"#{self.number}" if self.number is not None else (self.sha or "")[:9] or f"{self.id}"


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one change waited for one deployment, and since when."""

    id: int
    repo: str
    sha: str | None
    number: int | None
    title: str | None
    author: str | None
    url: str | None
    started_at: datetime | None
    start: str | None
    lead_time_s: float | None
    deployment: int
    service: str | None
    namespace: str | None
    version: str | None
    environment: str | None
    at: datetime | None

    @property
    def name(self) -> str:
        """What people call the change."""
        return f"#{self.number}" if self.number is not None else (self.sha or "")[:9] or f"{self.id}"


def has_changes() -> bool:
    """Whether any change was ever reported."""
    return Change.objects.exists()


def grains(wanted: Wanted) -> Mapping[str, int]:
    """Return how many of the wanted changes are commits, and how many pull requests."""
    return sizes(wanted, "grain", F("grain"))


def changes(wanted: Wanted, order: str, *, descending: bool, offset: int, size: int) -> list[ChangeItem]:
    """Return one page of the wanted changes."""
    ids = page_ids(wanted, Order(CHANGE_ORDERS[order], descending), offset=offset, size=size)
    by = _BY if wanted.team is None else _BY.filter(deployment__service__team=wanted.team)
    columns = (
        *("grain", "repo", "sha", "number", "title", "author", "state", "url"),
        _MADE,
        Coalesce(Subquery(by.values("change").values(n=Count("deployment"))), Value(0)),
    )
    rows: list[tuple[Any, ...]] = in_order(Change.objects.all(), ids, *columns)
    return [ChangeItem(*row) for row in rows]


def names(ids: Sequence[int], team: int | None) -> Mapping[int, str]:
    """Return what people call these changes, as far as the reader may see them."""
    wanted = Wanted(CHANGES, ids=ids, team=team)
    return {each.id: each.name for each in changes(wanted, "at", descending=True, offset=0, size=len(ids))}


def waits_n(wanted: Wanted) -> int:
    """Return how many waits there are over all pages."""
    return chosen(wanted).count()


def waits(wanted: Wanted, order: str, *, descending: bool, offset: int, size: int) -> list[Wait]:
    """Return one page of the wanted waits."""
    ids = page_ids(wanted, Order(WAIT_ORDERS[order], descending), offset=offset, size=size)
    columns = (
        *("change__repo", "change__sha", "change__number", "change__title", "change__author", "change__url"),
        *("started_at", "start", "lead_time_s", "deployment_id", "deployment__service__name"),
        *("deployment__service__namespace", "deployment__version", "deployment__environment__name"),
        "deployment__finished_at",
    )
    rows: list[tuple[Any, ...]] = in_order(DeploymentChange.objects.all(), ids, *columns)
    return [Wait(*row) for row in rows]
