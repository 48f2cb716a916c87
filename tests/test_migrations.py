"""The migrations and the models agree, on a real PostgreSQL."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    # Exits with SystemExit(1) when a model changed without a migration.
    assert call_command("makemigrations", "--check", "--dry-run", verbosity=0) is None
