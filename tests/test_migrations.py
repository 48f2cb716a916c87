"""The migrations and the models agree, on a real PostgreSQL."""

import json
from datetime import UTC, datetime
from importlib import import_module
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from ingest.mesh.halves import Half, Side, decoded
from ingest.mesh.outcome import Outcome
from plimsoll.store import partitions
from plimsoll.store.cells import Ref


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    # Exits with SystemExit(1) when a model changed without a migration.
    assert call_command("makemigrations", "--check", "--dry-run", verbosity=0) is None


@pytest.mark.django_db
def test_halves_of_the_release_before_are_read_after_the_upgrade() -> None:
    ref = ["c1", "shop", "api", "service"]
    stored = [ref, "7", "prod", "http", 10, 29_000_000, [1, 0, 0, 0, 0], None, "pod-1", ref, "joined", ""]
    weighed = [*stored[:7], 4.0, *stored[8:]]
    now = datetime.now(UTC)
    partitions.run()
    with connection.cursor() as cursor:
        for half in (stored, weighed):
            cursor.execute("INSERT INTO span_wait VALUES (%s, %s, 1, 5, %s)", [now, uuid4(), json.dumps(half).encode()])

        cursor.execute(import_module("plimsoll.store.migrations.0005_halves").FORWARD)

        cursor.execute("SELECT half FROM span_wait")
        sides = [decoded(bytes(half)) for (half,) in cursor.fetchall()]
    api = Ref("c1", "shop", "api", "service")
    read = Half(api, "7", "prod", "http", 10, Outcome(failed=1), "pod-1", api)
    assert sides == [Side(read, 29_000_000, None), Side(read, 29_000_000, 4.0)]
