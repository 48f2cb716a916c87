"""Nobody who reads Chinese meets an English sentence: every page says everything in both languages."""

import pytest
from django.test import Client

from tests.browser.pages import PageRoute, pages
from tests.browser.texts import foreign, texts, untranslated

pytestmark = pytest.mark.django_db


def said(client: Client, page: PageRoute, language: str) -> str:
    """A page in a language; also one that says that there is no such thing."""
    response = client.get(page.path(), headers={"accept-language": language})
    assert response.status_code in (200, 302, 404)
    return str(response.content.decode())


def check(client: Client, page: PageRoute) -> None:
    """Fail with what a page says in both languages."""
    left = untranslated(said(client, page, "en"), said(client, page, "zh-CN"))
    assert not left, f"{page} says in both languages: {left}"


@pytest.mark.parametrize("rows", ["full", "few", "stale", "part", "empty"], indirect=True, scope="module")
@pytest.mark.parametrize("page", [page for page in pages() if not page.is_plain], ids=str)
def test_a_page_says_everything_in_chinese(rows: Client, page: PageRoute) -> None:
    check(rows, page)


@pytest.mark.parametrize("rows", ["full", "empty"], indirect=True, scope="module")
@pytest.mark.parametrize("page", [page for page in pages() if page.is_plain], ids=str)
def test_a_form_says_everything_in_chinese(rows: Client, page: PageRoute) -> None:
    check(rows, page)


# Of each kind of value that no page can make sense of, one.
WRONG = (
    "/deployments/?from=garbage",
    "/deployments/?from=9",
    "/deployments/?to=1800-01-01",
    "/deployments/?on=someday&status=odd&metric=odd&service=nope&weekday=9",
    "/?from=2026-11-24&to=2026-11-23",
    "/?from=2001-01-01",
    "/?from=2999-01-01",
    "/?range=99d&tz=Mars/Olympus&team=nope&env=nowhere&cluster=nil",
    "/topology/?at=garbage&sel=x&sort=odd&open=nope&page=99",
    "/topology/?at=9",
)


@pytest.mark.parametrize("rows", ["full"], indirect=True, scope="module")
def test_a_wrong_address_is_told_in_chinese(rows: Client) -> None:
    for address in WRONG:
        page = rows.get(address, headers={"accept-language": "zh-CN"}).content.decode()
        told = page.partition('<ul class="notices" role="status">')[2].partition("</ul>")[0]

        assert told, f"{address} is not told"
        assert foreign(told, address) == [], f"{address} is told in English: {told}"


def test_what_is_said_twice_in_latin_words_is_found() -> None:
    english = '<p title="Open the drawer">Open <b translate="no">ledger</b> on GitHub</p><img alt="A chart">'
    chinese = '<p title="Open the drawer">打开 <b translate="no">ledger</b> on GitHub</p><img alt="图表">'

    assert untranslated(english, chinese) == ["Open the drawer", "on GitHub"]


def test_data_and_scripts_are_not_read() -> None:
    page = (
        '<html lang="zh-hans"><script>let words = 1;</script><code>plimsoll up now</code><path d="M0 0"/>'
        '<p data-live="metrics topology" data-done="Copied it">部署</p><button lang="en">Some English</button>'
        '<td translate="no">the ledger</td></html>'
    )

    assert texts(page) == {"部署", "Copied it"}
