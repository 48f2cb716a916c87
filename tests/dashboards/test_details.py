"""One record, with what stands behind it."""

import pytest

from tests.dashboards import builders
from tests.dashboards.test_records import listed

pytestmark = pytest.mark.django_db


def test_a_deployments_page_shows_what_stands_behind_it() -> None:
    row = builders.deployment()
    what = builders.change(title="Round the sums")
    builders.carried(row, what, 3600.0)
    broke = builders.incident("ledger", caused_by=row)
    again = builders.deployment(rollout_of=row)

    shown = listed(f"deployments/{row.pk}/")

    assert [(one["change"], one["title"], one["lead_time_s"]) for one in shown["changes_carried"]] == [
        (str(what.pk), "Round the sums", 3600.0)
    ]
    assert [one["id"] for one in shown["incidents_caused"]] == [str(broke.pk)]
    assert [one["id"] for one in shown["rollouts"]] == [str(again.pk)]
    assert shown["changes"] == 1


def test_a_changes_page_shows_where_it_went() -> None:
    row, what = builders.deployment(), builders.change()
    builders.carried(row, what)

    shown = listed(f"changes/{what.pk}/")

    assert [one["deployment"] for one in shown["deployments_by"]] == [str(row.pk)]


def test_an_incidents_page_shows_its_cause_and_its_services() -> None:
    row = builders.deployment()
    broke = builders.incident("ledger", "map", caused_by=row, caused_by_method="explicit")

    shown = listed(f"incidents/{broke.pk}/")

    assert [one["id"] for one in shown["caused_by_deployment"]] == [str(row.pk)]
    assert [one["name"] for one in shown["affected_services"]] == ["ledger", "map"]
    assert shown["services"] == "ledger,map"
