"""What every page does: who may read, what it says when something is missing, and how it is kept."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from plimsoll.store.models import Node
from tests.dashboards import builders

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.dashboards.frame.specimen")]


@pytest.fixture(autouse=True)
def _specimen(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}]


def test_a_page_is_framed(client: Client) -> None:
    text = client.get("/specimen/").content.decode()

    assert "<h1>Specimen</h1>" in text
    assert '<a class="skip" href="#content">Skip to the content</a>' in text
    assert "No telemetry yet" in text


def test_a_page_cannot_take_away_what_the_frame_shows(client: Client) -> None:
    with pytest.raises(ValueError, match="names of the frame: bar"):
        client.get("/specimen/?colliding=1")


def test_it_speaks_chinese_to_whoever_prefers_that(client: Client) -> None:
    response = client.get("/specimen/", HTTP_ACCEPT_LANGUAGE="zh-CN,zh;q=0.9")

    assert '<html lang="zh-hans">' in response.content.decode()
    assert "尚无遥测数据" in response.content.decode()
    assert response["Content-Language"] == "zh-hans"


def test_a_theme_that_was_chosen_is_there_before_the_first_paint(client: Client) -> None:
    client.post("/preferences/", {"theme": "dark", "next": "/specimen/"})

    assert '<html lang="en" data-theme="dark">' in client.get("/specimen/").content.decode()


def test_preferences_lead_back_to_a_page_of_ours_only(client: Client) -> None:
    for target in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:x"):
        assert client.post("/preferences/", {"theme": "dark", "next": target})["Location"] == "/"
    assert client.post("/preferences/", {"lang": "zh-hans", "next": "/specimen/?a=1"})["Location"] == "/specimen/?a=1"


def test_whoever_shows_nothing_is_asked_who_it_is(client: Client, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = False

    assert client.get("/specimen/").status_code in (302, 401)


def test_what_is_not_there_is_said(client: Client) -> None:
    response = client.get("/specimen/?missing=1")

    assert response.status_code == 404
    assert "There is no such specimen." in response.content.decode()


def test_a_page_that_takes_too_long_says_so_and_does_not_ask_again_by_itself(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/specimen/?slow=1")
    text, number = response.content.decode(), response["X-Request-ID"]

    assert response.status_code == 503
    assert "This page takes too long." in text
    assert f"Ask about it as {number}." in text
    assert 'href="/specimen/?slow=1">Try again</a>' in text
    assert 'http-equiv="refresh"' not in text
    assert [number in record.getMessage() for record in caplog.records] == [True]
    assert "statement timeout" in caplog.text


def test_htmx_gets_the_content_alone(client: Client) -> None:
    text = client.get("/specimen/", HTTP_HX_REQUEST="true").content.decode()

    assert "<html" not in text
    assert "n = 3 (5 needed for a level)" in text


def test_an_answer_that_is_still_the_same_is_not_sent_again(client: Client) -> None:
    first = client.get("/specimen/?range=7d", HTTP_HX_REQUEST="true")

    again = client.get("/specimen/?range=7d", HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def test_a_team_that_does_not_exist_is_told_and_left_out(client: Client) -> None:
    builders.team("permits")

    text = client.get("/specimen/?team=permits&team=nobody").content.decode()

    assert "There is no team “nobody”; it was left out." in text


@pytest.mark.parametrize("name", ["ledger", "gate", "Gate", "shop/gate"])
def test_a_service_is_known_by_its_name_and_as_the_map_has_it(client: Client, name: str) -> None:
    builders.service("ledger")
    Node.objects.create(cluster="aws-1", namespace="shop", name="gate", identity_class="workload", kind="service")

    assert "There is no service" not in client.get("/specimen/", {"service": name}).content.decode()


def test_a_service_that_does_not_exist_is_told_and_left_out(client: Client) -> None:
    builders.service("ledger")

    text = client.get("/specimen/?service=ledger&service=nope").content.decode()

    assert "There is no service “nope”; it was left out." in text


def test_the_place_of_tests_is_not_offered(client: Client) -> None:
    builders.environment("staging")
    builders.environment("plimsoll-check")

    text = client.get("/specimen/").content.decode()

    assert "?env=staging" in text
    assert "plimsoll-check" not in text


def test_a_reader_of_one_team_sees_no_other(client: Client) -> None:
    permits = builders.team("permits")
    builders.team("health")

    text = client.get("/specimen/?team=health", headers=builders.reading(permits)).content.decode()

    assert "You may see one team alone, which is shown here." in text
    assert "Health" not in text


@pytest.mark.parametrize("kind", ["not_connected", "empty", "not_enough", "partial", "stale", "failed", "loading"])
def test_every_state_has_a_part_of_its_own(client: Client, kind: str) -> None:
    assert f'class="state {kind}"' in client.get("/specimen/").content.decode()


@pytest.mark.parametrize("path", ["/", "/topology/", "/wall/all/", "/api/v1/metrics/dora/"])
def test_more_parameters_than_anybody_needs_are_the_askers_mistake(client: Client, path: str) -> None:
    response = client.get(f"{path}?{'open=1&' * 1100}theme=dark")
    assert response.status_code == 400
    assert "default-src 'none'" in response["Content-Security-Policy"]
