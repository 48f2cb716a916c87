"""A database that speaks for itself is one node with the name that its callers use (mesh-dialects, section 10.1)."""

from typing import Any

import pytest

from tests.ingest.mesh.senders import sent, shown
from tests.ingest.mesh.test_spans import CLIENT, SERVER, span

POSTGRESQL: dict[str, Any] = {"db.system.name": "postgresql"}


def queries(n: int, **asked: Any) -> list[bytes]:
    """Return calls of an application to a database, each with the database's own span."""
    bodies = []
    for trace in range(1, n + 1):
        bodies.append(span("ledger", CLIENT, 1, trace=trace, **POSTGRESQL, **asked))
        bodies.append(span("pg-main", SERVER, 2, parent=1, trace=trace, **POSTGRESQL))
    return bodies


@pytest.mark.django_db(transaction=True)
def test_a_database_with_spans_of_its_own_is_what_its_callers_call() -> None:
    unjoined = span("cart", CLIENT, 1, trace=99, server__address="db-1", **POSTGRESQL)
    sent(*queries(20, server__address="db-1"), unjoined)

    found = shown()
    assert {ends: (row.server_kind, row.protocol, row.requests) for ends, row in found.items()} == {
        ("ledger", "pg-main"): ("service", "db", 20),
        ("cart", "pg-main"): ("service", "db", 1),
    }


@pytest.mark.django_db(transaction=True)
def test_a_database_that_has_the_name_its_callers_use_needs_one_call() -> None:
    sent(*queries(1, server__address="pg-main"))

    found = shown()
    assert {ends: (row.server_kind, row.requests) for ends, row in found.items()} == {
        ("ledger", "pg-main"): ("service", 1)
    }


@pytest.mark.django_db(transaction=True)
def test_a_database_may_have_the_name_of_its_system() -> None:
    sent(*queries(20, server__address="postgresql"))

    assert set(shown()) == {("ledger", "pg-main")}


@pytest.mark.django_db(transaction=True)
def test_a_name_that_leads_to_two_databases_is_neither() -> None:
    other = span("pg-other", SERVER, 2, parent=1, trace=30, **POSTGRESQL)
    call = span("ledger", CLIENT, 1, trace=30, server__address="db-1", **POSTGRESQL)
    sent(*queries(20, server__address="db-1"), call, other)

    found = shown()
    assert set(found) == {("ledger", "db-1"), ("ledger", "pg-main"), ("ledger", "pg-other")}


@pytest.mark.django_db(transaction=True)
def test_a_database_of_which_only_the_system_is_known_may_be_any() -> None:
    silent = span("cart", CLIENT, 1, trace=99, **POSTGRESQL)
    sent(*queries(20), silent)

    found = shown()
    assert found["cart", "postgresql"].server_kind == "database"
