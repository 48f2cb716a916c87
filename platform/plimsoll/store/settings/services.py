"""Services: who owns them, how much they matter, and what they are for."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Service, Team
from plimsoll.store.services import add_service
from plimsoll.store.settings.ruling import refuse_ruled, ruled

PAGE = 100


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service in the list; `label` has the namespace where there is one."""

    id: int
    name: str
    namespace: str
    team: int | None
    team_name: str
    tier: str
    description: str
    is_ruled: bool

    @property
    def label(self) -> str:
        """The name with its namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class ServicePage:
    """Some services, how many there are in all, and the numbers of the pages around."""

    rows: tuple[ServiceRow, ...]
    total: int
    page: int
    pages: int


def service_page(
    limited_to: Collection[int] | None = None, *, search: str = "", unowned: bool = False, page: int = 1
) -> ServicePage:
    """Return a page of the services by name, those that match, or those that nobody owns."""
    found = _seen(limited_to)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(namespace__icontains=search))
    if unowned:
        found = found.filter(team=None)
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = found.order_by("name", "namespace")[(page - 1) * PAGE : page * PAGE]
    by_file = ruled("service")
    return ServicePage(tuple(_row(row, by_file) for row in rows), total, page, pages)


def service_row(pk: int, limited_to: Collection[int] | None = None) -> ServiceRow | None:
    """Return one service, or None when there is none, or none that the reader may see."""
    found = _seen(limited_to).filter(pk=pk).first()
    return None if found is None else _row(found, ruled("service"))


def service_labels(limited_to: Collection[int] | None = None) -> dict[str, int]:
    """Return all services by their names, with the namespace where there is one."""
    rows = _seen(limited_to).order_by("name", "namespace").values_list("pk", "namespace", "name")
    return {f"{namespace}/{name}" if namespace else name: pk for pk, namespace, name in rows}


def service_of_id(pk: int) -> Service | None:
    """Return the service of a number, or None."""
    return Service.objects.select_related("team").filter(pk=pk).first()


def make_service(actor: Actor, name: str, *, namespace: str = "", team: str = "", tier: str = "") -> Service:
    """Make a service that a team owns; `team` is a slug."""
    with audited(actor, "add", f"service {name[:200]}") as change:
        change.after = {"namespace": namespace, "team": team, "tier": tier}
        return add_service(name, namespace=namespace, team=team, tier=tier)


def change_service(actor: Actor, pk: int, team: Team | None, tier: str, description: str) -> None:
    """Say whose a service is, how much it matters, and what it is for."""
    refuse_ruled("service", pk)
    before = Service.objects.select_related("team").select_for_update(of=("self",)).filter(pk=pk).first()
    if before is None:
        raise PlimsollError(_("This service does not exist any more."))
    with audited(actor, "change", f"service {before.name}") as change:
        change.before = {
            "team": before.team.slug if before.team else None,
            "tier": before.tier,
            "description": before.description,
        }
        change.after = {"team": team.slug if team else None, "tier": tier, "description": description}
        Service.objects.filter(pk=pk).update(
            team=team,
            tier=tier,
            description=description,
            state="owned" if team else before.state,
            updated_at=Now(),
        )


def claim_service(actor: Actor, pk: int, team: Team) -> None:
    """Make a service that nobody owns a team's; PlimsollError when somebody was faster."""
    refuse_ruled("service", pk)
    name = Service.objects.values_list("name", flat=True).filter(pk=pk).first()
    with audited(actor, "claim", f"service {name}") as change:
        claimed = Service.objects.filter(pk=pk, team=None).update(team=team, state="owned", updated_at=Now())
        if not claimed:
            raise PlimsollError(_("This service has an owner already; ask them to hand it over."))
        change.after = {"team": team.slug}


def _seen(limited_to: Collection[int] | None) -> QuerySet[Service]:
    rows = Service.objects.select_related("team")
    # What nobody owns can be claimed by anybody.
    return rows if limited_to is None else rows.filter(Q(team__in=limited_to) | Q(team=None))


def _row(row: Service, by_file: set[int]) -> ServiceRow:
    return ServiceRow(
        row.pk,
        row.name,
        row.namespace,
        row.team_id,
        row.team.name if row.team else "",
        row.tier,
        row.description,
        row.pk in by_file,
    )
