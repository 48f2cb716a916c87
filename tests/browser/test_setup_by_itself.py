"""A new user watches the setup page: its lines turn by themselves when the first event arrives."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from playwright.sync_api import Page

from ingest.webhooks import normalise
from plimsoll.store.models import Source
from tests.browser.browser import Browser
from tests.ingest.webhooks.builders import sender

pytestmark = pytest.mark.django_db(transaction=True)

DEPLOYMENT = {
    "kind": "deployment",
    "external_id": "1",
    "service": "checkout",
    "environment": "production",
    "version": "1.2.3",
    "status": "success",
    "finished_at": "2026-11-23T09:00:00Z",
}


@pytest.mark.usefixtures("_open_to_visitors")
def test_the_first_deployment_turns_its_line_and_a_refusal_is_listed_without_a_reload(
    browser: Browser, server: str
) -> None:
    opened = threading.Event()

    def watch(page: Page) -> tuple[str, str, str]:
        with page.expect_request("**/live?*"):
            page.goto(f"{server}/setup/")
        page.evaluate("window.isTheSamePage = true")
        before = page.inner_text("#line-deployments")
        opened.set()
        page.wait_for_selector("#line-deployments .status.ok")
        page.wait_for_selector("#log .status.bad")
        assert page.evaluate("window.isTheSamePage")
        return before, page.inner_text("#line-deployments"), page.inner_text("#log")

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(browser.act, watch)
        assert opened.wait(30)
        ci = sender("generic")
        assert ci.send(DEPLOYMENT).status == 202
        normalise.run()
        path = f"/hooks/generic/{Source.objects.get().public_id}"
        assert Client().post(path, data=b"{}", content_type="application/json").status_code == 401
        before, after, log = watching.result()

    assert before.split() == ["○", "not", "connected", *before.split()[3:]]
    assert "checkout 1.2.3" in after
    assert "No signature came: the header webhook-signature is missing." in log
