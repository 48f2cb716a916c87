"""People sign in and out, and are led to where they wanted to go, never elsewhere."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from plimsoll import env
from plimsoll.errors import BadSetting
from plimsoll.store import people
from plimsoll.store.audit import Actor, events
from plimsoll.store.models import SignInAttempt
from plimsoll.store.sign_in import NAME
from tests.dashboards.people import PASSWORD, browser, person

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/sign-in/", {"name": "lin", "password": password, **more})


def test_the_right_password_opens_a_session_and_leads_onward() -> None:
    person()
    client = Client()

    response = sign_in(client, next="/wall/all/?theme=light")

    assert (response.status_code, response["Location"]) == (302, "/wall/all/?theme=light")
    assert client.get("/password/").status_code == 200
    assert events().events[0].action == "sign_in"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil", "evil", "",
     "///evil.example", "/\t/evil.example", "\x00"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(target: str) -> None:
    person()

    response = sign_in(Client(), next=target)

    assert (response.status_code, response["Location"]) == (302, "/")


def test_the_page_that_was_asked_for_is_kept_in_the_form() -> None:
    body = Client().get("/sign-in/", {"next": "/wall/all/"}).content.decode()

    assert '<input type="hidden" name="next" value="/wall/all/">' in body


def test_a_wrong_password_says_so_and_keeps_the_name_alone() -> None:
    person()

    response = sign_in(Client(), "wrong password")

    body = response.content.decode()
    assert response.status_code == 200
    assert "do not go together" in body
    assert 'value="lin"' in body
    assert "wrong password" not in body
    assert "plimsoll_session" not in response.cookies


def test_who_failed_often_is_told_how_long_to_wait() -> None:
    person()
    SignInAttempt.objects.bulk_create(SignInAttempt(name="lin", address="192.0.2.7") for _ in range(NAME.free + 2))

    response = sign_in(Client())

    assert response.status_code == 429
    assert 19 <= int(response["Retry-After"]) <= 20
    assert f"Wait {response['Retry-After']} seconds, then try again." in response.content.decode()


def test_a_session_begins_under_a_new_key_and_old_ones_are_forgotten() -> None:
    person()
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    Session.objects.create(session_key="old", session_data="", expire_date="2020-01-01T00:00:00Z")

    sign_in(client)

    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key__in=["old", str(planted)]).exists()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    person()

    cookie = sign_in(Client()).cookies["plimsoll_session"]

    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


@pytest.mark.parametrize("header", [{"X-Forwarded-Proto": "https"}, {"Origin": "https://testserver"}])
def test_who_came_by_https_has_a_cookie_for_https_alone(header: dict[str, str]) -> None:
    person()

    response = Client().post("/sign-in/", {"name": "lin", "password": PASSWORD}, headers=header)

    assert response.cookies["plimsoll_session"]["secure"] is True
    assert response.cookies["plimsoll_csrf"]["secure"] is True


def test_a_session_that_says_nothing_leaves_no_cookie() -> None:
    response = Client().get("/sign-in/")

    assert "plimsoll_session" not in response.cookies
    assert response.cookies["plimsoll_csrf"]["httponly"] is True


def test_signing_out_ends_the_session_for_good() -> None:
    client = browser(person())
    key = client.session.session_key

    response = client.post("/sign-out/")

    assert (response.status_code, response["Location"]) == (302, "/sign-in/")
    assert client.get("/password/")["Location"] == "/sign-in/?next=%2Fpassword%2F"
    assert not Session.objects.filter(session_key=str(key)).exists()
    assert events().events[0].action == "sign_out"


def test_a_form_of_megabytes_is_refused_before_it_is_read() -> None:
    response = Client().post("/sign-in/", "name=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400


def test_an_open_session_is_no_way_to_try_passwords() -> None:
    client = browser(person())
    form = {"password": "a long enough secret", "again": "a long enough secret"}

    tries = [client.post("/password/", {**form, "old": f"guess {n}"}) for n in range(NAME.free + 1)]
    right = client.post("/password/", {**form, "old": PASSWORD})

    assert [each.status_code for each in tries] == [200] * NAME.free + [429]
    assert (right.status_code, int(right["Retry-After"]) > 0) == (429, True)
    assert "Your password is changed" not in right.content.decode()


def test_signing_out_is_no_link() -> None:
    assert browser(person()).get("/sign-out/").status_code == 405


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-out/", "/password/"])
def test_a_form_of_another_site_changes_nothing(path: str) -> None:
    client = browser(person(), checks_csrf=True)

    response = client.post(path, {"name": "lin", "password": PASSWORD})

    assert response.status_code == 403
    assert "another site has sent it" in response.content.decode()
    assert client.get("/password/").status_code == 200


def test_a_form_of_ours_passes_the_check_behind_a_proxy_too() -> None:
    person()
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in/")
    token = client.cookies["plimsoll_csrf"].value
    form = {"name": "lin", "password": PASSWORD, "csrfmiddlewaretoken": token}

    kept = client.post("/sign-in/", form, headers={"Origin": "https://localhost", "Host": "localhost"})
    evil = client.post("/sign-in/", form, headers={"Origin": "https://evil.example", "Host": "localhost"})

    assert (kept.status_code, evil.status_code) == (302, 403)


def test_a_form_passes_through_a_proxy_at_another_port_that_the_hosts_name(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    person()
    monkeypatch.setenv("PLIMSOLL_HOSTS", "localhost, plimsoll.example:8443")
    monkeypatch.setenv("PLIMSOLL_SECRET_KEY", settings.SECRET_KEY)
    told = runpy.run_path(f"{Path(env.__file__).parent}/settings.py")
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = told["ALLOWED_HOSTS"], told["CSRF_TRUSTED_ORIGINS"]
    client = Client(enforce_csrf_checks=True, headers={"Host": "plimsoll.example:8443"})
    client.get("/sign-in/")
    form = {"name": "lin", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["plimsoll_csrf"].value}

    statuses = [
        client.post("/sign-in/", form, headers={"Origin": f"https://plimsoll.example{port}"}).status_code
        for port in (":8444", "", ":8443")
    ]

    assert statuses == [403, 403, 302]


@pytest.mark.parametrize("value", ["https://plimsoll.example", "plimsoll.example:x", ":8443", "::1"])
def test_a_host_that_is_none_stops_the_process(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLIMSOLL_HOSTS", value)

    with pytest.raises(BadSetting, match=re.escape(f"PLIMSOLL_HOSTS={value!r} is not HOST or HOST:PORT")):
        env.hosts("PLIMSOLL_HOSTS")


def test_somebody_who_is_turned_away_is_out_at_once() -> None:
    person("admin")
    lin = person()
    client = browser(lin)

    people.activate(Actor("admin"), lin.id, False)

    assert client.get("/password/").status_code == 302


def test_a_password_is_changed_by_who_knows_the_old_one_and_other_sessions_end() -> None:
    lin = person()
    client, elsewhere = browser(lin), browser(lin)
    new = {"password": "another good phrase", "again": "another good phrase"}

    wrong = client.post("/password/", {"old": "wrong", **new})
    right = client.post("/password/", {"old": PASSWORD, **new})

    assert wrong.status_code == 200
    assert "This is not your password so far." in wrong.content.decode()
    assert "Your password is changed." in right.content.decode()
    assert client.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302
    assert sign_in(Client(), "another good phrase").status_code == 302


def test_changing_a_password_is_no_sign_in() -> None:
    client = browser(person())
    before = {event.id for event in events().events}
    new = {"password": "another good phrase", "again": "another good phrase"}

    client.post("/password/", {"old": "wrong", **new})
    client.post("/password/", {"old": PASSWORD, **new})

    added = [event.action for event in events().events if event.id not in before]
    assert added == ["set_password", "set_password_failed"]


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "This password is too short. It must contain at least 12 characters."),
        ("another good phrase", "another good phrases", "The two passwords differ"),
        ("123412341234", "123412341234", "This password is entirely numeric."),
    ],
)
def test_a_password_that_will_not_do_is_explained(password: str, again: str, words: str) -> None:
    response = browser(person()).post("/password/", {"old": PASSWORD, "password": password, "again": again})

    assert response.status_code == 200
    assert words in response.content.decode()


def test_these_pages_are_kept_by_nobody() -> None:
    assert Client().get("/sign-in/")["Cache-Control"] == "private, no-store"
    assert Client().get("/sign-in/")["X-Frame-Options"] == "DENY"


def test_while_the_database_is_away_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> bool:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(people, "is_anybody", away)

    response = Client().get("/sign-in/")

    assert response.status_code == 503
    assert "The database is away." in response.content.decode()
    assert "connection is lost" not in response.content.decode()
