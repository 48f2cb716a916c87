"""Who may change what under Settings: every form, every role."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from dashboards.settings.urls import urlpatterns
from plimsoll.store.access import new_token
from plimsoll.store.audit import events
from plimsoll.store.models import Mark, Screen, Service, Token
from plimsoll.store.people import add_person
from plimsoll.store.screens import new_screen
from plimsoll.store.settings.marks import put_mark
from plimsoll.store.teams import add_team
from tests.dashboards import builders
from tests.dashboards.people import _ADMIN, browser, person, signed_in

pytestmark = pytest.mark.django_db

# Every form, with what it holds; `of` says whose the thing is: the site's, or a team's (payments).
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "settings_organisation_name": ("site", {"name": "Acme"}),
    "settings_team_add": ("site", {"name": "Games", "slug": "games"}),
    "settings_team_change": ("team", {"name": "Pay", "time_zone": ""}),
    "settings_team_remove": ("site", {}),
    "settings_service_change": ("team", {"team": "", "tier": "1", "description": "Pays"}),
    "settings_service_claim": ("claim", {}),
    "settings_environment_change": ("site", {"environment_class": "staging"}),
    "settings_mark_set": ("team", {"metric": "p95_ms", "value": "350 ms", "service": "ledger"}),
    "settings_mark_remove": ("team", {}),
    "settings_source_add": ("team", {"provider": "generic", "name": "ci"}),
    "settings_source_secret": ("team", {"secret": "s3cr3t-s3cr3t"}),
    "settings_source_switch": ("team", {"enabled": "0"}),
    "settings_token_add": ("team", {"name": "grafana", "scope": "read"}),
    "settings_token_revoke": ("team", {}),
    "settings_screen_add": ("team", {"name": "4th floor"}),
    "settings_screen_revoke": ("team", {}),
    "settings_person_add": ("team", {"name": "new", "role": "member"}),
    "settings_person_link": ("site", {}),
    "settings_person_role": ("team", {"role": "viewer"}),
    "settings_person_withdraw": ("team", {}),
    "settings_person_switch": ("site", {"active": "0"}),
    "settings_person_remove": ("site", {}),
}
OWN = ("settings_service_claim", "settings_source_add", "settings_token_add", "settings_screen_add",
       "settings_person_add", "settings_person_role", "settings_person_withdraw")  # fmt: skip


@pytest.fixture
def forms() -> dict[str, tuple[str, dict[str, str]]]:
    """A thing of each kind that belongs to the team payments; returns the address and the content of every form."""
    team = add_team("payments", "Payments")
    own, free = builders.service("ledger", "payments"), builders.service("map")
    put_mark(_ADMIN, "lead_time", 60.0, team=team)
    new_token("old", ["read"], team)
    new_screen("3rd floor", team)
    someone = add_person(_ADMIN, "someone", "member", team)
    numbers = {
        "settings_service_change": own.pk,
        "settings_service_claim": free.pk,
        "settings_environment_change": builders.environment().pk,
        "settings_mark_remove": Mark.objects.get().pk,
        "settings_source_secret": builders.source("main", "payments").pk,
        "settings_source_switch": builders.source("main", "payments").pk,
        "settings_token_revoke": Token.objects.get().pk,
        "settings_screen_revoke": Screen.objects.get().pk,
    }
    found = {}
    for name, (_of, content) in FORMS.items():
        arguments: list[object] = []
        if name in numbers:
            arguments = [numbers[name]]
        elif name in ("settings_team_change", "settings_team_remove"):
            arguments = ["payments"]
        elif name.startswith("settings_person_") and name != "settings_person_add":
            arguments = [someone.id]
        found[name] = (
            reverse(name, args=arguments),
            {**content, **({"team": str(team.pk)} if name in OWN else {})},
        )
    return found


def lines() -> int:
    """How many lines the audit has, but for those about signing in."""
    return len(events().events)


def test_every_form_is_known_here() -> None:
    pages = {"settings", "settings_team", "settings_service", "settings_person"}
    lists = {pattern.name for pattern in urlpatterns if str(pattern.pattern).count("/") == 1}

    assert {pattern.name for pattern in urlpatterns} - pages - lists == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_who_may_changes_it_with_a_line_in_the_audit(forms: dict[str, tuple[str, dict[str, str]]], name: str) -> None:
    client, before = signed_in("site_admin", name="root"), lines()
    address, content = forms[name]

    response = client.post(address, content)

    assert response.status_code == 302, response.content.decode()
    assert "#" not in response["Location"], client.get(response["Location"]).content.decode()
    assert lines() == before + 1 + (name == "settings_person_add")
    assert "told" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", ()), ("member", ("claim",)), ("team_admin", ("claim", "team"))],
)
@pytest.mark.parametrize("name", FORMS)
def test_a_role_in_the_team_changes_just_what_it_may(
    forms: dict[str, tuple[str, dict[str, str]]], name: str, role: str, allowed: tuple[str, ...]
) -> None:
    person("root", "site_admin")
    team = Service.objects.get(name="ledger").team
    client, before = signed_in(role, team), lines()
    address, content = forms[name]

    response = client.post(address, content)

    if FORMS[name][0] in allowed:
        assert response.status_code == 302, response.content.decode()
        assert lines() > before
    else:
        assert response.status_code in (403, 404)
        assert lines() == before


@pytest.mark.parametrize("name", FORMS)
def test_an_admin_of_another_team_changes_nothing(forms: dict[str, tuple[str, dict[str, str]]], name: str) -> None:
    client, before = signed_in("team_admin", add_team("games-2", "Games")), lines()
    address, content = forms[name]

    response = client.post(address, content)

    # What they may not see is not there; a team that is not theirs is no choice in a form.
    assert response.status_code in (302, 403, 404)
    assert response.status_code != 302 or "#" in response["Location"]
    assert lines() == before


@pytest.mark.parametrize("name", FORMS)
def test_nobody_else_changes_anything(
    forms: dict[str, tuple[str, dict[str, str]]], name: str, settings: Settings
) -> None:
    address, content = forms[name]
    root = person("root", "site_admin")
    before = lines()
    forged = browser(root, checks_csrf=True).post(address, content)
    stranger = Client().post(address, content)
    by_link = browser(root).get(address)
    settings.VIEWER_ON_LOOPBACK = True
    visitor = Client().post(address, content)

    assert forged.status_code == 403
    assert stranger["Location"].startswith("/sign-in/")
    # Two addresses are a page by GET, and a form by POST.
    assert by_link.status_code == 405
    assert visitor.status_code in (403, 404)
    assert lines() == before


PAGES = [
    "organisation", "teams", "teams/of/payments", "services", "environments", "marks", "sources", "tokens", "screens",
    "people", "audit",
]  # fmt: skip
CLOSED = ("sources", "tokens", "screens", "people", "audit")


@pytest.mark.parametrize("path", PAGES)
def test_what_a_role_may_not_do_is_not_offered(
    forms: dict[str, tuple[str, dict[str, str]]], path: str, settings: Settings
) -> None:
    root = signed_in("site_admin", name="root")
    settings.VIEWER_ON_LOOPBACK = True

    offered = root.get(f"/settings/{path}/").content.decode()
    shown = Client().get(f"/settings/{path}/").content.decode()

    own = 'action="/settings/'
    assert own in offered or path in ("audit", "services")
    assert own not in shown
    assert ("This is for admins. Ask: root." in shown) == (path in CLOSED)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_as_many_questions_with_many_rows_as_with_few(
    forms: dict[str, tuple[str, dict[str, str]]], path: str, django_assert_max_num_queries: object
) -> None:
    client = signed_in("site_admin", name="root")
    for number in range(30):
        builders.service(f"s-{number}", f"t-{number}")
        builders.environment(f"e-{number}")
        builders.source(f"n-{number}", f"t-{number}")
        new_token(f"k-{number}", ["read"])
        new_screen(f"w-{number}")
        add_person(_ADMIN, f"p-{number}", "viewer")

    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert client.get(f"/settings/{path}/").status_code == 200


def test_settings_lead_to_the_first_section() -> None:
    assert signed_in().get("/settings/")["Location"] == "/settings/organisation/"
    assert Client().get("/settings/teams/", headers={"Accept": "text/html"})["Location"] == (
        "/sign-in/?next=%2Fsettings%2Fteams%2F"
    )
