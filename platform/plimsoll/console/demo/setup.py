"""The demo's configuration: teams and what they own, sources of webhooks, tokens. Configuration, never data."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from plimsoll.console.demo import state
from plimsoll.console.demo.company import CLUSTERS, ENVIRONMENT, PEOPLE, REGIONS, Company, found, full_name
from plimsoll.console.demo.sender import Door
from plimsoll.errors import BadSetting
from plimsoll.store.access import new_token
from plimsoll.store.marks import set_mark
from plimsoll.store.models import Cluster, Organisation, Service, Shift, Source, Team
from plimsoll.store.sources import add_source, rotate_secret, source_of

_NAME = "demo"
_PROVIDERS = ("github", "alertmanager", "generic")
# What the company does not want to cross (ux, section 3.7), and where one service is held to more.
_MARKS = {
    "deployment_frequency": 10.0,
    "lead_time": 3600.0,
    "change_failure_rate": 0.02,
    "recovery_time": 300.0,
    "error_rate": 0.01,
    "p95_ms": 350.0,
}
_STRICTER = {"identity": 200.0, "documents": 250.0, "ledger": 250.0}
# Somebody is on call for twelve hours at a time, for so many days from the first start.
_SHIFTS_DAYS = 90


def configured(path: Path, seed: int, days: int, time_zone: str) -> state.State:
    """Return the demo's memory, made with everything it speaks of when this is the first start.

    Raises BadSetting when the database is somebody's own: it has sources that are not the demo's.
    """
    memory = state.read(path)
    if memory is not None and all(_is_known(provider, door) for provider, door in memory.sources.items()):
        return memory
    if Source.objects.exclude(name=_NAME).exists():
        raise BadSetting(
            "This database has sources of its own, and the demo would mix its history into theirs; choose another "
            "folder with --data, or leave PLIMSOLL_DATABASE_URL out."
        )
    anchor = datetime.now(UTC).replace(microsecond=0)
    with transaction.atomic():
        _write_catalog(found(seed))
        _write_shifts(anchor)
        memory = state.State(
            seed=seed,
            days=days,
            time_zone=time_zone,
            anchor=anchor,
            told_until=None,
            sources={provider: _door(provider) for provider in _PROVIDERS},
            tokens={
                cluster: new_token(f"demo mesh {cluster}", ["ingest"], cluster=cluster, environment=ENVIRONMENT)
                for cluster in CLUSTERS
            },
        )
    state.write(path, memory)
    return memory


def _is_known(provider: str, door: Door) -> bool:
    return source_of(provider, door.path.rpartition("/")[2]) is not None


def _write_catalog(company: Company) -> None:
    """Write who owns what, which people say and no sender tells."""
    teams = {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0] for slug in _teams(company)
    }
    for name in CLUSTERS:
        cloud, region = REGIONS[name]
        Cluster.objects.get_or_create(name=name, defaults={"cloud": cloud, "region": region})
    for service in company.services.values():
        Service.objects.get_or_create(
            namespace=service.namespace, name=service.name, defaults={"team": teams[service.team], "state": "owned"}
        )

    Organisation.objects.get_or_create(only=True, defaults={"name": "City Services Cloud"})
    for metric, value in _MARKS.items():
        set_mark(metric, value)
    for name, value in _STRICTER.items():
        set_mark("p95_ms", value, service=Service.objects.get(name=name))


def _write_shifts(anchor: datetime) -> None:
    """Write who is on call, in turns, and the captain of each day."""
    midnight = anchor.replace(hour=0, minute=0, second=0)
    halves = [midnight + timedelta(hours=6 + 12 * number) for number in range(-2, 2 * _SHIFTS_DAYS)]
    days = [midnight + timedelta(days=number) for number in range(-1, _SHIFTS_DAYS)]
    Shift.objects.all().delete()
    Shift.objects.bulk_create(
        [_shift("on_call", number, start, 12) for number, start in enumerate(halves)]
        + [_shift("captain", 3 + number, start, 24) for number, start in enumerate(days)]
    )


def _shift(duty: str, turn: int, start: datetime, hours: int) -> Shift:
    person = full_name(PEOPLE[turn % len(PEOPLE)])
    return Shift(duty=duty, person=person, starts_at=start, ends_at=start + timedelta(hours=hours))


def _teams(company: Company) -> list[str]:
    return list(dict.fromkeys(service.team for service in company.services.values()))


def _door(provider: str) -> Door:
    """Make a source, or give the one that an interrupted first start left a new secret."""
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    source = Source.objects.filter(provider=provider, name=_NAME).first()
    if source is None:
        source = add_source(provider, _NAME, secret=secret)
    else:
        rotate_secret(source, secret)
    return Door(f"/hooks/{provider}/{source.public_id}", secret)
