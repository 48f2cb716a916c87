"""A short history for the pages of figures, in days before now."""

import re
from datetime import UTC, datetime, timedelta

from django.test import Client

from plimsoll.store.models import Deployment
from tests.dashboards import builders


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def text(client: Client, address: str) -> str:
    """The page as it reads: without tags, every gap one space."""
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[:2000]
    words = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", words)


def tell_a_month() -> None:
    """Ten deployments of the team Payments: two failed, one of them recovered after half an hour; one rollback."""
    for day in range(2, 12):
        is_bad = day in (3, 7)
        row = builders.deployment("ledger", "payments", version=f"v{day}", finished_at=ago(days=day), failed=is_bad)
        builders.carried(row, builders.change(authored_at=ago(days=day, hours=2), title=f"Change {day}"), 7200.0)
        if day == 7:
            recovered(row)
    builders.deployment("ledger", version="v1", kind="rollback", finished_at=ago(days=2, hours=20), failed=False)
    builders.deployment("ledger", version="v0", place="staging", finished_at=ago(days=5), failed=False)


def recovered(row: Deployment) -> None:
    assert row.finished_at is not None
    end = row.finished_at + timedelta(minutes=30)
    builders.incident("ledger", opened_at=row.finished_at, resolved_at=end, status="resolved", caused_by=row)


def rows(client: Client, address: str) -> int:
    """How many rows the table of a list has."""
    response = client.get(address)
    assert response.status_code == 200
    body = re.search(r"<tbody.*?</tbody>", response.content.decode(), re.DOTALL)
    return len(re.findall(r"<tr\b", body[0])) if body else 0
