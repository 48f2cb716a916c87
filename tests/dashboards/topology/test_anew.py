"""A new layout: on request, by those who may act, and with a line in the audit."""

import pytest
from django.test import Client

from plimsoll.store import layouts
from plimsoll.store.models import AuditEvent
from tests.dashboards.people import signed_in
from tests.dashboards.topology.looking import calls

pytestmark = pytest.mark.usefixtures("traffic")

SCOPE = "services|,production"


def test_a_member_may_have_the_map_laid_out_anew() -> None:
    calls("gate", "ledger")
    browser = signed_in("member")
    layouts.keep(SCOPE, {"1": (3, 0)})

    answer = browser.post("/topology/layout/", {"scope": SCOPE, "next": "/topology/?view=map"})

    assert answer["Location"] == "/topology/?view=map"
    assert layouts.kept(SCOPE) == {}
    assert AuditEvent.objects.filter(action="lay_out", target=f"map {SCOPE}").exists()


def test_a_viewer_may_not_and_sees_no_button() -> None:
    calls("gate", "ledger")
    browser = signed_in("viewer")
    layouts.keep(SCOPE, {"1": (3, 0)})

    answer = browser.post("/topology/layout/", {"scope": SCOPE, "next": "/topology/"})

    assert answer.status_code == 403
    assert layouts.kept(SCOPE) == {"1": (3, 0)}
    assert "Lay out anew" not in browser.get("/topology/?view=map").content.decode()


def test_the_button_names_the_scope_of_what_is_drawn() -> None:
    calls("gate", "ledger")

    text = signed_in("member").get("/topology/?view=map").content.decode()

    assert f'name="scope" value="{SCOPE}"' in text
    assert "Lay out anew" in text


def test_looking_at_the_address_changes_nothing() -> None:
    assert Client().get("/topology/layout/").status_code == 405
