"""The setup page: what it says of an installation, and what its forms make."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from plimsoll.env import Address
from plimsoll.store import refusals
from plimsoll.store.access import token_for
from plimsoll.store.catalog_file import applying
from plimsoll.store.models import (
    AuditEvent,
    Deployment,
    Environment,
    Incident,
    IngestHealth,
    Service,
    Source,
    Team,
    Token,
)
from plimsoll.store.sources import add_source, secrets_of
from tests.dashboards.pages.looking import queries_of
from tests.dashboards.people import signed_in

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/setup/{query}")
    assert response.status_code == 200
    return response.content.decode()


def standing(html: str, line: str) -> str:
    """Return the words of a line of the checklist."""
    found = re.search(rf'<p class="standing" id="line-{line}">(.*?)</p>', html, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def shown(html: str, key: str) -> str:
    """Return a value that is shown once."""
    found = re.search(rf'<code id="{key}"[^>]*>([^<]+)</code>', html)
    assert found is not None, html
    return found[1]


def test_an_empty_installation_says_what_to_do_first() -> None:
    html = page(signed_in())

    lines = [standing(html, key).split()[0:2] for key in ("services", "deployments", "telemetry", "incidents")]
    assert lines == [["○", "none"], ["○", "not"], ["○", "not"], ["○", "not"]]
    assert "0 of 4 connected" in html
    assert "Nothing has arrived yet, and nothing was refused." in html
    assert standing(html, "alerts") == "○ later Not part of this version yet."


def test_a_line_is_done_by_the_first_real_thing_and_names_it() -> None:
    service = Service.objects.create(name="checkout")
    production = Environment.objects.create(name="prod", environment_class="production")
    source = add_source("generic", "ci")
    Deployment.objects.create(
        source=source, external_id="1", service=service, environment=production, version="1.2.3", status="success"
    )

    html = page(signed_in())

    assert standing(html, "services").startswith("● known 1 service is known; the newest: checkout")
    assert standing(html, "deployments").startswith("● connected The last one that arrived: checkout 1.2.3")
    assert "2 of 4 connected" in html


def test_what_a_test_made_makes_no_line_green() -> None:
    service = Service.objects.create(name="plimsoll-check")
    place = Environment.objects.create(name="plimsoll-check")
    source = add_source("generic", "ci")
    Deployment.objects.create(source=source, external_id="1", service=service, environment=place)
    Incident.objects.create(source=source, external_id="1", environment=place)

    assert "0 of 4 connected" in page(signed_in())


def test_a_source_is_made_with_a_secret_that_is_shown_once() -> None:
    client = signed_in()

    response = client.post("/setup/source/", {"provider": "github", "name": "shop"})

    html = response.content.decode()
    source = Source.objects.get()
    secret = shown(html, "secret-deployments-github")
    assert (source.provider, source.name, secrets_of(source)) == ("github", "shop", [secret])
    assert shown(html, "hook-deployments-github") == f"http://testserver/hooks/github/{source.public_id}"
    assert f"config[secret]={secret}" in html
    assert response["Cache-Control"] == "private, no-store"
    assert secret not in page(client)
    assert secret not in str(list(AuditEvent.objects.values()))


def test_what_curl_needs_is_an_address_and_a_token() -> None:
    client = signed_in()

    html = client.post("/setup/source/", {"provider": "generic", "name": "ci"}).content.decode()

    clear = shown(html, "token-deployments-curl")
    token = token_for(clear)
    assert token is not None
    assert token.scopes == ["write"]
    assert f"Authorization: Bearer {clear}" in html
    assert f"http://testserver/hooks/generic/{Source.objects.get().public_id}" in html
    targets = AuditEvent.objects.filter(action="add").values_list("target", flat=True)
    assert sorted(target.split()[0] for target in targets) == ["person", "source", "token"]


@pytest.mark.parametrize("tool", ["gitlab", "jenkins", "argo"])
def test_a_source_for_a_ci_server_is_shown_where_it_was_made(tool: str) -> None:
    client = signed_in()
    assert f'name="name" maxlength="100" value="{tool}"' in page(client)

    made = {"provider": "generic", "name": tool, "tool": tool}
    html = client.post("/setup/source/", made).content.decode()

    assert re.findall(r'id="token-deployments-(\w+)"', html) == [tool]
    clear = shown(html, f"token-deployments-{tool}")
    text = re.search(rf'<pre id="snippet-deployments-{tool}"[^>]*>(.*?)</pre>', html, re.DOTALL)
    assert text is not None
    assert clear in text[1]
    assert f"http://testserver/hooks/generic/{Source.objects.get().public_id}" in text[1]


def test_a_token_for_telemetry_fills_every_snippet() -> None:
    html = signed_in().post("/setup/token/", {"cluster": "eu-1"}).content.decode()

    clear = shown(html, "token-telemetry")
    token = token_for(clear)
    assert token is not None
    assert (token.scopes, token.cluster) == (["ingest"], "eu-1")
    assert html.count(clear) == 6
    assert "&lt;token&gt;" not in html.split('id="incidents"')[0].split('id="telemetry"')[1]


@pytest.mark.parametrize(
    ("bound", "host", "told", "warns"),
    [
        ("127.0.0.1", "localhost", "127.0.0.1:4317", True),
        ("0.0.0.0", "plimsoll.example", "plimsoll.example:4317", False),
        ("0.0.0.0", "127.0.0.1:8000", "127.0.0.1:4317", True),
        ("10.1.2.3", "localhost", "10.1.2.3:4317", False),
    ],
)
def test_the_address_for_telemetry_is_the_real_one_and_says_who_can_reach_it(
    settings: Settings, bound: str, host: str, told: str, warns: bool
) -> None:
    settings.OTLP_GRPC = Address(bound, 4317)
    settings.ALLOWED_HOSTS = ["*"]

    html = signed_in().get("/setup/", headers={"host": host}).content.decode()

    assert f'<code translate="no">{told}</code>' in html
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT=&quot;http://{told}&quot;" in html
    assert ("a cluster cannot send to it" in html) is warns


def test_a_refusal_says_why_and_how_the_expected_secret_ends() -> None:
    source = add_source("github", "shop", secret="0123456789abcdef9f2c")
    refusals.note(refusals.sender_of(source), "mismatch", "x-hub-signature-256", timezone.now())

    html = page(signed_in())

    assert "The signature or secret does not match. Last 4 of the secret we expect: 9f2c." in html


def test_of_a_short_secret_nothing_is_shown() -> None:
    source = add_source("github", "shop", secret="s3cr3t")
    refusals.note(refusals.sender_of(source), "mismatch", "x-hub-signature-256", timezone.now())

    html = page(signed_in())

    assert "The signature or secret does not match." in html
    assert "cr3t" not in html


def test_a_clock_that_is_off_is_told_in_minutes() -> None:
    source = add_source("generic", "ci", secret="x" * 20)
    refusals.note(refusals.sender_of(source), "clock", "+437", timezone.now())

    assert "The sender&#x27;s clock is 7 min ahead" in page(signed_in())


def test_refused_telemetry_is_told_with_its_count() -> None:
    refusals.note("otlp", "no_token", "", datetime.now(UTC), 12)

    html = page(signed_in())

    assert "No token came." in html
    assert "× 12" in html


def test_who_is_no_admin_sees_how_it_stands_and_neither_addresses_nor_forms() -> None:
    source = add_source("github", "shop", secret="0123456789abcdef9f2c")
    refusals.note(refusals.sender_of(source), "mismatch", "", timezone.now())

    html = page(signed_in("viewer"))

    assert "Addresses, secrets and tokens are for site admins." in html
    assert source.public_id not in html
    assert "9f2c" not in html
    assert "/setup/source/" not in html
    assert standing(html, "deployments").startswith("○ not connected")


def test_who_sees_one_team_alone_does_not_see_what_others_sent() -> None:
    team = Team.objects.create(slug="pay", name="Pay")
    Service.objects.create(name="ledger", team=team)
    Deployment.objects.create(
        source=add_source("generic", "ci"), external_id="1", service=Service.objects.create(name="checkout")
    )
    refusals.note("otlp", "no_token", "", timezone.now())

    html = page(signed_in("viewer", team))

    assert "What arrives here is of all teams; ask a site admin." in html
    assert "No token came." not in html
    assert standing(html, "services").startswith("● known 1 service is known; the newest: ledger")
    assert re.match(r"● connected The last one arrived on \d", standing(html, "deployments"))
    assert "checkout" not in html.split('id="log"')[0].replace('placeholder="checkout"', "")


@pytest.mark.parametrize("path", ["service", "source", "token", "test"])
def test_the_forms_are_for_site_admins(path: str) -> None:
    response = signed_in("member").post(f"/setup/{path}/", {"provider": "github", "name": "x", "to": "telemetry"})

    assert response.status_code == 403
    assert (Source.objects.count(), Token.objects.count(), Service.objects.count()) == (0, 0, 0)


def test_a_service_is_made_for_its_team() -> None:
    Team.objects.create(slug="pay", name="Pay")

    response = signed_in().post("/setup/service/", {"name": "ledger", "team": "pay", "namespace": "core"})

    service = Service.objects.get()
    assert response.status_code == 302
    assert (service.namespace, service.name, service.state) == ("core", "ledger", "owned")
    assert service.team is not None
    assert AuditEvent.objects.order_by("-id")[0].target == "service ledger"


@pytest.mark.parametrize("name", ["", "a/b", "taken"])
def test_a_service_that_cannot_be_made_is_told(name: str) -> None:
    Service.objects.create(name="taken")

    response = signed_in().post("/setup/service/", {"name": name})

    assert response.status_code == 400
    assert "There is such a service already, or this is no name for one." in response.content.decode()


def test_a_source_of_a_taken_name_is_told() -> None:
    add_source("github", "shop", secret="x")

    response = signed_in().post("/setup/source/", {"provider": "github", "name": "shop"})

    assert response.status_code == 400
    assert "choose another name" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?tested=telemetry&outcome=arrived&took=0.8", "arrived after 0.8 s. No metric counts it."),
        ("?tested=deployments&outcome=refused&said=401", "The test was refused;"),
        ("?tested=incidents&outcome=unseen&took=10.0", "not seen within 10 s"),
    ],
)
def test_how_a_test_went_is_in_the_address(query: str, words: str) -> None:
    assert words in page(signed_in(), query)


@pytest.mark.parametrize("query", ["?tested=x&outcome=arrived", "?tested=telemetry&outcome=x", "?tested=telemetry"])
def test_an_address_that_tells_of_no_test_is_just_the_page(query: str) -> None:
    assert 'class="tested"' not in page(signed_in(), query)


def test_a_catalog_file_that_was_refused_is_told_with_its_lines() -> None:
    applying.refuse("/etc/c.yaml", "/etc/c.yaml:3:5: p95 is '350'; write a duration")

    client = signed_in()
    html = page(client)
    settings_html = client.get("/settings/teams/").content.decode()

    assert "The catalog file is wrong, and what was applied before stays." in settings_html
    assert "The catalog file is wrong, and what was applied before stays." in html
    assert "/etc/c.yaml:3:5: p95 is &#x27;350&#x27;; write a duration" in html


def test_the_page_asks_the_database_as_often_for_one_source_as_for_twenty() -> None:
    client = signed_in()

    def questions() -> int:
        return queries_of(lambda: page(client))

    add_source("github", "first", secret="x" * 20)
    one = questions()
    for number in range(20):
        refusals.note(
            refusals.sender_of(add_source("github", f"s{number}", secret="x" * 20)), "mismatch", "", timezone.now()
        )

    assert questions() <= one + 1


@pytest.mark.parametrize(
    ("host", "warns"), [("127.0.0.1:8000", True), ("localhost", True), ("plimsoll.example", False)]
)
def test_addresses_for_webhooks_say_when_nobody_else_can_reach_them(settings: Settings, host: str, warns: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    html = signed_in().get("/setup/", headers={"host": host}).content.decode()

    assert ("senders elsewhere cannot use it" in html) is warns


def test_what_was_taken_and_tells_of_no_call_is_told_with_its_reason() -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    for counter, reason, count in (("received", "spans", 40), ("dropped", "parent in the same process", 20)):
        IngestHealth.objects.create(minute=minute, source="open", counter=counter, reason=reason, count=count)

    refusals.note("otlp", "no_token", "", minute)

    html = page(signed_in())
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    log = html.split('id="log"')[1]

    assert "20 of them tell of no call: parent in the same process (20)" in text
    # Whatever arrived, its time is written alike; the exact one is in its title.
    assert [len(time.split()) for time in re.findall(r"<time[^>]*>(.*?)</time>", log)] == [3, 3]
