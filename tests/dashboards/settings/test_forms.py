"""What a form does: it keeps what was written, says what is wrong, shows a secret once, and tells it to nobody else."""

import re
from typing import get_args

import pytest
from django.db import connection
from django.test import Client

from plimsoll.store import people
from plimsoll.store.access import token_for
from plimsoll.store.audit import Actor, Done, events, record
from plimsoll.store.catalog_file import applying
from plimsoll.store.models import Mark, Screen, Service, Source, Team, Token
from plimsoll.store.screens import screen_for
from plimsoll.store.sources import secrets_of
from plimsoll.store.teams import add_team
from tests.browser.texts import foreign
from tests.dashboards import builders
from tests.dashboards.people import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


def send(browser: Client, path: str, /, **content: str) -> str:
    """Send a form and return the page that it leads to."""
    response = browser.post(f"/settings/{path}", content)
    assert response.status_code == 302, response.content.decode()
    return browser.get(response["Location"].partition("#")[0]).content.decode()


def shown_once(body: str) -> str:
    """Return the secret that a page shows."""
    found = re.search(r'<code id="once" translate="no">([^<]+)</code>', body)
    assert found is not None, body
    return found[1].replace("&amp;", "&")


def everything_kept() -> str:
    """Return all that the database holds of people's doings, as text."""
    tables = ("audit_event", "django_session", "token", "screen", "source", "sign_in_attempt")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT {name}::text FROM {name}" for name in tables))  # noqa: S608
        return "\n".join(row[0] for row in cursor.fetchall())


def test_what_was_written_stays_with_what_is_wrong_beside_it() -> None:
    client = signed_in()

    body = send(client, "teams/add/", name="Permits", slug="per mits")

    assert 'value="Permits"' in body
    assert 'value="per mits"' in body
    assert '<p class="error" id="add-slug_error">Use letters, digits, - and _ alone, such as payments.</p>' in body
    assert 'aria-invalid="true"' in body
    assert 'class="error"' not in client.get("/settings/teams/").content.decode()


def test_a_team_cannot_have_the_address_of_the_organisation() -> None:
    body = send(signed_in(), "teams/add/", name="Everybody", slug="all")

    assert "The organisation has this name in addresses; choose another one." in body
    assert not Team.objects.exists()


def test_a_name_that_is_taken_is_said_at_its_field() -> None:
    add_team("permits", "Permits")

    body = send(signed_in(), "teams/add/", name="Others", slug="permits")

    assert "There is a team of this name already" in body


def test_a_token_is_shown_once_and_kept_by_nobody() -> None:
    client = signed_in()
    location = client.post("/settings/tokens/add/", {"name": "collector", "scope": "ingest"})["Location"]
    before = everything_kept()

    clear = shown_once(client.get(location).content.decode())

    assert token_for(clear) == Token.objects.get()
    assert clear not in before
    assert clear not in everything_kept()
    assert clear not in client.get(location).content.decode()
    assert client.get(location)["Cache-Control"] == "private, no-store"


def test_a_source_without_a_secret_gets_one_which_is_shown_once() -> None:
    client = signed_in()

    made = shown_once(send(client, "sources/add/", provider="github", name="shop", default_environment="prod"))

    source = Source.objects.get()
    assert secrets_of(source) == [made]
    assert source.settings == {"default_environment": "prod"}
    assert made not in everything_kept()


def test_a_new_secret_leaves_the_one_before_it_valid() -> None:
    client = signed_in()
    send(client, "sources/add/", provider="github", name="shop", secret="the-first-secret")
    source = Source.objects.get()

    body = send(client, f"sources/{source.pk}/secret/", secret="the-second-secret")

    source.refresh_from_db()
    assert secrets_of(source) == ["the-second-secret", "the-first-secret"]
    assert 'id="once"' not in body
    assert "the-second-secret" not in body
    assert "the-first-secret" not in everything_kept()


def test_a_secret_that_was_typed_does_not_come_back_with_an_error() -> None:
    body = send(signed_in(), "sources/add/", provider="github", name="", secret="typed-s3cr3t", more="{")

    assert "This is not JSON" in body
    assert "typed-s3cr3t" not in body + everything_kept()


def test_settings_that_nobody_reads_are_refused() -> None:
    body = send(signed_in(), "sources/add/", provider="github", name="shop", more='{"colour": "red"}')

    assert "Nobody reads colour here" in body
    assert not Source.objects.exists()


def test_a_source_that_is_disabled_is_not_there_for_its_sender() -> None:
    client = signed_in()
    send(client, "sources/add/", provider="generic", name="ci", secret="s3cr3t-s3cr3t")
    source = Source.objects.get()
    path = f"/hooks/generic/{source.public_id}"

    send(client, f"sources/{source.pk}/switch/", enabled="0")
    away = Client().post(path, {}, content_type="application/json").status_code
    send(client, f"sources/{source.pk}/switch/", enabled="1")

    assert away == 404
    assert Client().post(path, {}, content_type="application/json").status_code == 401


def test_a_screen_is_shown_as_the_address_it_opens() -> None:
    address = shown_once(send(signed_in(), "screens/add/", name="3rd floor"))

    assert address.startswith("http://testserver/wall/all/?k=plw_")
    assert screen_for(address.partition("k=")[2]) == Screen.objects.get()


@pytest.mark.parametrize(
    ("path", "fields", "opens"),
    [
        ("screens/add/", {"name": "hall"}, "/wall/"),
        ("people/add/", {"name": "mei", "role": "viewer"}, "/sign-in/link/"),
    ],
)
def test_behind_a_proxy_that_ends_tls_an_address_with_a_secret_is_of_https(
    path: str, fields: dict[str, str], opens: str
) -> None:
    browser = signed_in()
    browser.defaults |= {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_PROTO": "https"}

    assert shown_once(send(browser, path, **fields)).startswith(f"https://testserver{opens}")


def test_somebody_new_gets_a_link_and_signs_in_by_it() -> None:
    add_team("permits", "Permits")

    link = shown_once(send(signed_in(), "people/add/", name="mei", role="viewer"))

    path = link.removeprefix("http://testserver")
    assert Client().post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    mei = people.named("mei")
    assert mei is not None
    assert mei.has_password


def test_the_last_site_admin_cannot_turn_themselves_away() -> None:
    client = signed_in()
    lin = people.named("lin")
    assert lin is not None

    body = send(client, f"people/{lin.id}/switch/", active="0")

    assert "This is the last site admin who can sign in" in body
    assert '<details class="sure" open>' in body


def test_an_admin_of_a_team_gives_no_role_beyond_it() -> None:
    team, other = add_team("permits", "Permits"), add_team("games", "Games")
    client = signed_in("team_admin", team)
    people.add_person(Actor("root"), "mei", "viewer", team)
    mei = people.named("mei")
    assert mei is not None

    for content in ({"role": "site_admin", "team": ""}, {"role": "member", "team": str(other.pk)}, {"role": "member"}):
        response = client.post(f"/settings/people/{mei.id}/role/", content)
        assert response.status_code == 403 or "#role" in response["Location"]
    assert client.post(f"/settings/people/{mei.id}/link/").status_code == 403
    left = people.named("mei")
    assert left is not None
    assert left.grants == mei.grants


def test_a_mark_of_a_call_is_set_and_removed() -> None:
    builders.service("ledger", "payments")
    builders.service("checkout")
    client = signed_in()

    wrong = send(client, "marks/set/", metric="p95_ms", value="350 ms", service="ledgr", client="checkout")
    send(client, "marks/set/", metric="p95_ms", value="350 ms", service="ledger", client="checkout")

    mark = Mark.objects.get()
    assert "Did you mean ledger?" in wrong
    assert mark.service is not None
    assert mark.client is not None
    assert (mark.value, mark.service.name, mark.client.name) == (350.0, "ledger", "checkout")
    assert "checkout → ledger" in client.get("/settings/marks/").content.decode()
    send(client, f"marks/{mark.pk}/remove/")
    assert not Mark.objects.exists()
    assert events().events[0].before == {"value": 350.0}


def test_a_member_claims_what_nobody_owns_and_nothing_else() -> None:
    team = add_team("permits", "Permits")
    free, taken = builders.service("map"), builders.service("ledger", "payments")
    client = signed_in("member", team)

    send(client, f"services/{free.pk}/claim/", team=str(team.pk))

    claimed = Service.objects.get(pk=free.pk)
    assert (claimed.team, claimed.state) == (team, "owned")
    # What is another team's is not even there.
    assert client.post(f"/settings/services/{taken.pk}/claim/", {"team": str(team.pk)}).status_code == 404


def test_who_gives_a_service_away_is_led_back_to_the_list() -> None:
    permits, health = add_team("permits", "Permits"), add_team("health", "Health")
    service = builders.service("map", "permits")
    client = signed_in("team_admin", permits)

    body = send(client, f"services/{service.pk}/change/", team=str(health.pk), tier="", description="")

    assert Service.objects.get(pk=service.pk).team == health
    assert "The service is changed." in body
    assert "There is no such service." not in body


def test_somebody_of_one_team_sees_no_other_teams_things() -> None:
    team = add_team("permits", "Permits")
    builders.service("ledger", "payments")
    builders.source("secret-source", "payments")
    client = signed_in("team_admin", team)

    pages = {path: client.get(f"/settings/{path}/").content.decode() for path in ("teams", "services", "sources")}

    assert not any("ayments" in re.sub(r"such as payments", "", body, flags=re.I) for body in pages.values())
    assert not any("ledger" in body or "secret-source" in body for body in pages.values())
    assert client.get("/settings/teams/of/payments/").status_code == 404


def test_what_the_catalog_file_rules_is_shown_as_such_and_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    service = builders.service("ledger", "payments")
    monkeypatch.setattr("plimsoll.store.settings.ruling.managed", lambda: {"service": {service.pk}})
    client = signed_in()

    body = client.get(f"/settings/services/{service.pk}/").content.decode()
    refused = send(client, f"services/{service.pk}/change/", team="", tier="1", description="")

    assert applying.managed()["service"] == set()
    assert "catalog file" in body
    assert 'id="change"' not in body
    assert "told" not in refused
    assert Service.objects.get().tier == ""


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=99999999999", "?page=x", "?q=%00", "?after=x", "?after=99999999999999999999"]
)
def test_addresses_that_make_no_sense_are_no_error(query: str) -> None:
    client = signed_in()

    assert client.get(f"/settings/services/{query}").status_code == 200
    assert client.get(f"/settings/audit/{query}").status_code == 200


def test_the_audit_says_in_words_whatever_was_done() -> None:
    for done in get_args(Done):
        record(Actor("lin"), done, "it")

    body = signed_in().get("/settings/audit/", headers={"accept-language": "zh-CN"}).content.decode()

    said = re.findall(r'<td data-label="操作">(.*?)</td>', body)
    assert len(said) >= len(get_args(Done))
    assert [words for words in said if foreign(words, "")] == []
    assert [words for words in said if "translate" in words] == []


def test_names_from_outside_are_text() -> None:
    builders.service("<img src=x onerror=alert(1)>", "payments")

    body = signed_in().get("/settings/services/").content.decode()

    assert "<img" not in body
    assert "&lt;img" in body
