"""The demo's configuration: teams and what they own, sources of webhooks, tokens. Configuration, never data."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from plimsoll.console.demo import state
from plimsoll.console.demo.company import CLUSTERS, ENVIRONMENT, REGIONS, Company, found
from plimsoll.console.demo.sender import Door
from plimsoll.errors import BadSetting
from plimsoll.store.access import new_token
from plimsoll.store.models import Cluster, Service, Source, Team
from plimsoll.store.sources import add_source, rotate_secret, source_of

_NAME = "demo"
_PROVIDERS = ("github", "alertmanager", "generic")


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
    with transaction.atomic():
        _write_catalog(found(seed))
        memory = state.State(
            seed=seed,
            days=days,
            time_zone=time_zone,
            anchor=datetime.now(UTC).replace(microsecond=0),
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
