"""What an installation has so far: what arrived last of each kind, and what was received or refused lately."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import Q, Sum

from plimsoll.store import refusals
from plimsoll.store.environments import TEST
from plimsoll.store.models import Deployment, Edge, Incident, IngestHealth, Service, Source, Token, WebhookDelivery

_TELEMETRY_OVER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The last thing of a kind that arrived: its names, and when; `count` where it is told."""

    at: datetime | None
    names: tuple[str, ...] = ()
    count: int = 0


NOTHING: Final = Arrived(None)


def services(team: int | None) -> Arrived:
    """Return how many services are known, of a team or in all, and the newest."""
    rows = Service.objects.all() if team is None else Service.objects.filter(team=team)
    newest = rows.order_by("-created_at", "-pk").values_list("name", "created_at").first()
    return Arrived(newest[1], (newest[0],), rows.count()) if newest else NOTHING


def deployments() -> Arrived:
    """Return the deployment that was reported last: service, version, environment."""
    rows = Deployment.objects.filter(is_deleted=False).exclude(environment__name=TEST)
    last = rows.order_by("-pk").select_related("service", "environment").first()
    if last is None:
        return NOTHING
    names = (last.service.name if last.service else "", last.version or last.sha or "")
    place = last.environment.name if last.environment else ""
    return Arrived(last.created_at, (*names, place))


def incidents() -> Arrived:
    """Return the incident that was reported last: its title."""
    rows = Incident.objects.filter(is_deleted=False).exclude(environment__name=TEST)
    last = rows.order_by("-pk").values_list("title", "created_at").first()
    return Arrived(last[1], (last[0] or "",)) if last else NOTHING


def edges() -> Arrived:
    """Return the edge that was seen last: client and server."""
    rows = Edge.objects.exclude(environment=TEST)
    last = rows.order_by("-last_seen", "-pk").values_list("client__display", "server__display", "last_seen").first()
    return Arrived(last[2], last[:2]) if last else NOTHING


def spans_of(token: int) -> int:
    """Return how many spans have come with a token."""
    rows = IngestHealth.objects.filter(source=f"token:{token}", counter="received", reason="spans")
    return int(rows.aggregate(sum=Sum("count"))["sum"] or 0)


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was received: by which sender, what, and what became of it.

    `outcome`: taken, waiting, unused, failed or refused. `code` and `reason` say why it was not taken; `counts` are
    spans and points of telemetry; of those that were taken, `reason` says why some tell of no call.
    """

    at: datetime
    kind: Literal["webhook", "telemetry"]
    outcome: Literal["taken", "waiting", "unused", "failed", "refused"]
    sender: str
    provider: str = ""
    what: str = ""
    code: str = ""
    reason: str = ""
    count: int = 1
    source: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    is_test: bool = False
    # its token was removed, as those of tests are
    is_sender_gone: bool = False


_OUTCOMES: Final[Mapping[str, Literal["taken", "waiting", "unused", "failed"]]] = {
    "applied": "taken",
    "pending": "waiting",
    "ignored": "unused",
    "failed": "failed",
}


def received(limit: int, now: datetime) -> list[Item]:
    """Return what was received last, newest first: deliveries, refusals, and telemetry minute by minute."""
    sources = {source.pk: source for source in Source.objects.all()}
    items = [*_deliveries(sources, limit), *_refused(sources, limit), *_telemetry(now, limit)]
    return sorted(items, key=lambda item: item.at, reverse=True)[:limit]


def _deliveries(sources: Mapping[int, Source], limit: int) -> list[Item]:
    rows = WebhookDelivery.objects.order_by("-id").defer("body")[:limit]
    return [
        Item(
            at=row.received_at,
            kind="webhook",
            outcome=_OUTCOMES[row.status],
            sender=sources[row.source_id].name,
            provider=sources[row.source_id].provider,
            what=row.event,
            reason=row.result,
            source=row.source_id,
            is_test=row.headers.get("user-agent") == TEST,
        )
        for row in rows
        if row.source_id in sources
    ]


def _refused(sources: Mapping[int, Source], limit: int) -> list[Item]:
    senders = {refusals.sender_of(source): source for source in sources.values()}
    items = []
    for row in refusals.latest([*senders, refusals.TELEMETRY], limit):
        source = senders.get(row.sender)
        items.append(
            Item(
                at=row.at,
                kind="webhook" if source else "telemetry",
                outcome="refused",
                sender=source.name if source else "",
                provider=source.provider if source else "",
                code=row.code,
                reason=row.reason,
                count=row.count,
                source=source.pk if source else None,
            )
        )
    return items


def _telemetry(now: datetime, limit: int) -> list[Item]:
    """Return telemetry a minute and sender: how much was received, and how much of that was refused or left aside.

    What was left aside (`dropped`) has its reasons, the most frequent first: it was understood, and tells of no call.
    """
    of_counters = Q(counter__in=("received", "rejected", "refused", "dropped"))
    minutes: dict[tuple[datetime, str], dict[str, int]] = {}
    dropped: dict[tuple[datetime, str], Counter[str]] = {}
    since = now - _TELEMETRY_OVER
    last = IngestHealth.objects.filter(counter="received", minute__gte=since).order_by("-minute")
    newest = list(last.values_list("minute", flat=True).distinct()[:limit])
    if not newest:
        return []
    rows = IngestHealth.objects.filter(of_counters, minute__gte=newest[-1]).exclude(source="")
    for minute, source, counter, reason, count in rows.values_list("minute", "source", "counter", "reason", "count"):
        counts = minutes.setdefault((minute, source), {})
        name = reason if counter == "received" else "dropped" if counter == "dropped" else "refused"
        counts[name] = counts.get(name, 0) + count
        if counter == "dropped":
            dropped.setdefault((minute, source), Counter())[reason] += count
    names = _token_names({source for _, source in minutes})
    return [
        Item(
            at=minute,
            kind="telemetry",
            outcome="taken",
            sender=names.get(source, ""),
            reason=", ".join(f"{why} ({n})" for why, n in dropped.get((minute, source), Counter()).most_common(3)),
            counts=counts,
            is_sender_gone=source.startswith("token:") and source not in names,
        )
        for (minute, source), counts in minutes.items()
    ]


def _token_names(sources: Collection[str]) -> dict[str, str]:
    ids = {source.partition(":")[2] for source in sources if source.startswith("token:")}
    names = Token.objects.filter(pk__in=[int(each) for each in ids if each.isdigit()]).values_list("pk", "name")
    return {f"token:{pk}": name for pk, name in names}


def sources_of(providers: Collection[str]) -> list[Source]:
    """Return the active sources of some kinds of senders, oldest first."""
    return list(Source.objects.filter(provider__in=providers, disabled_at=None).order_by("pk"))


def tested_at(sources: Collection[int]) -> datetime | None:
    """Return when a test last came through to one of these sources, as far as their latest deliveries tell."""
    latest = WebhookDelivery.objects.filter(source__in=sources).order_by("-id")
    for headers, status, at in latest.values_list("headers", "status", "received_at")[:100]:
        if headers.get("user-agent") == TEST and status in ("applied", "ignored"):
            return at
    return None
