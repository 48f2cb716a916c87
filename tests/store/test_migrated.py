"""A schema that is not this version's is refused with the command to run."""

import pytest
from django.db import connection

from plimsoll.errors import PlimsollError
from plimsoll.store import migrated


@pytest.mark.django_db
def test_a_schema_of_this_version_is_accepted() -> None:
    migrated.require()

    assert migrated.state() == migrated.State((), ())


@pytest.mark.django_db
def test_an_older_schema_says_to_migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store' AND name = '0002_traffic'")

    with pytest.raises(PlimsollError, match=r"older than this version .*run `plimsoll migrate`"):
        migrated.require()


@pytest.mark.django_db
def test_a_newer_schema_says_to_install_the_newer_version() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('store', '9999_later', now())")

    with pytest.raises(PlimsollError, match=r"newer than this version .*\(store.9999_later is unknown here\)"):
        migrated.require()


@pytest.mark.django_db
def test_migrations_of_somebody_elses_application_are_none_of_our_business() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('theirs', '0001_initial', now())")

    assert migrated.state().unknown == ()


@pytest.mark.django_db
def test_a_server_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrated, "OLDEST_POSTGRESQL", 99)

    with pytest.raises(PlimsollError, match="Plimsoll needs PostgreSQL 99 or newer, and the database is "):
        migrated.require_version()
