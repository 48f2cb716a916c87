"""The find box and its switches on the page."""

import pytest
from django.utils.html import escape

from tests.dashboards.topology.looking import calls, known_for, mark, page, rows, texts

pytestmark = pytest.mark.usefixtures("traffic")


def shown(query: str) -> set[str]:
    """The calls of the list."""
    return {f"{row[1]}>{row[2]}" for row in rows(page(f"?view=list&{query}"))}


@pytest.fixture(autouse=True)
def _mesh() -> None:
    calls("gate", "ledger", requests=600, failed=60)
    calls("ledger", "vault", requests=600)
    calls("map", "tiles", requests=6, namespace="geo")


def test_without_the_switch_nothing_is_left_out() -> None:
    assert shown("find=vault") == {"gate>ledger", "ledger>vault", "map>tiles"}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("find=vault", {"ledger>vault"}),
        ("find=ledger", {"gate>ledger", "ledger>vault"}),
        ("find=ns:geo", {"map>tiles"}),
        ("find=err%3E1", {"gate>ledger"}),
        ("find=-ns:geo+err%3C1", {"ledger>vault"}),
        ("find=cluster:aws-1", {"gate>ledger", "ledger>vault", "map>tiles"}),
        ("find=nobody", set()),
        ("find=", {"gate>ledger", "ledger>vault", "map>tiles"}),
    ],
)
def test_the_rest_is_left_out_with_the_switch(query: str, left: set[str]) -> None:
    assert shown(f"hide=1&{query}") == left


def test_only_what_is_over_its_mark_is_kept() -> None:
    mark("error_rate", 0.05)

    assert shown("hide=1&only=mark") == {"gate>ledger"}
    assert shown("hide=1&only=mark&find=vault") == set()


def test_how_much_matches_is_said() -> None:
    assert "1 service, 1 call matches" in page("?find=vault")


def test_when_nothing_matches_that_is_said_and_not_that_there_were_no_calls() -> None:
    text = page("?find=nobody&hide=1")

    assert "Nothing on the map matches." in text
    assert "0 calls from" not in text


def test_new_is_what_was_first_seen_in_the_window() -> None:
    known_for(48)
    calls("gate", "audit")

    assert shown("hide=1&find=new") == {"gate>audit"}


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("owner:x", "“owner:x” is not understood: before the colon may stand ns:, cluster:, team:, kind:, service:."),
        ("p90>3", "“p90>3” is not understood: figures are err, p50, p95, p99, rate."),
        ("err>x", "“err>x” is not understood: after the sign comes a number, such as err>1 or p95>350ms."),
        ("err>3ms", "“err>3ms” is not understood: its units are %."),
        ("ns:", "“ns:” asks for nothing."),
        ("<script>alert(1)</script>:", "is not understood"),
    ],
)
def test_a_term_without_a_meaning_is_told(term: str, said: str) -> None:
    from urllib.parse import quote

    text = page(f"?find={quote(term)}")

    (notices,) = texts(text, r'<ul class="notices"[^>]*>(.*?)</ul>')
    assert said in notices
    assert escape(term) in text
    assert "<script>alert" not in text


def test_the_box_keeps_what_else_the_address_says() -> None:
    box = page("?find=vault&window=1h&sel=n-1&page=2").partition('id="finder"')[2].partition("</form>")[0]

    assert '<input type="hidden" name="window" value="1h">' in box
    assert '<input type="hidden" name="sel" value="n-1">' in box
    assert 'name="page"' not in box
    assert 'name="find" id="find" class="translate-no" value="vault"' in box
