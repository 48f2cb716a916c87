"""What stands out on the map: matches of the find box, the blast radius, and what a deployment changed."""

import re

import pytest

from tests.dashboards.topology.looking import calls, mark, page
from tests.dashboards.topology.test_compare import deployed, traffic_of
from tests.dashboards.topology.test_panel import arc, node

pytestmark = pytest.mark.usefixtures("traffic")


def classes(query: str) -> dict[str, set[str]]:
    """The classes of each box and line of the map, by the name or the pair in its label."""
    found = re.findall(r'<a class="((?:node|edge)[^"]*)" id="[^"]*"[^>]*aria-label="([^",]*)', page(query))
    return {label: set(css.split()) for css, label in found}


def faded(query: str) -> set[str]:
    return {label for label, css in classes(query).items() if "faded" in css}


def mesh() -> None:
    calls("portal", "permits", requests=600)
    calls("permits", "documents", requests=600, failed=60)
    calls("portal", "ledger", requests=600)


def test_at_rest_nothing_is_faded() -> None:
    mesh()

    assert classes("").keys() == {
        "portal", "permits", "documents", "ledger", "portal → permits", "permits → documents", "portal → ledger",
    }  # fmt: skip
    assert faded("") == set()


def test_what_is_not_looked_for_is_faded() -> None:
    mesh()

    assert faded("?find=documents") == {"portal", "permits", "ledger", "portal → permits", "portal → ledger"}


def test_what_is_hidden_is_not_drawn_and_nothing_else_is_faded() -> None:
    mesh()

    assert classes("?find=documents&hide=1").keys() == {"permits", "documents", "permits → documents"}
    assert faded("?find=documents&hide=1") == set()


def test_only_what_is_over_its_mark_stands_out() -> None:
    mesh()
    mark("error_rate", 0.05)

    assert "documents" not in faded("?only=mark")
    assert faded("?only=mark") == {"portal", "permits", "ledger", "portal → permits", "portal → ledger"}


def test_the_blast_radius_stands_out() -> None:
    mesh()

    assert faded(f"?sel={node('documents')}&blast=1") == {"ledger", "portal → ledger"}
    assert faded(f"?sel={arc('permits', 'documents')}&blast=1") == {"documents", "ledger", "portal → ledger"}
    assert faded("?blast=1") == set()


def test_in_a_comparison_calls_that_did_not_change_are_faded() -> None:
    one = deployed(15, 13)
    before, after = range(15, 27), range(12)
    traffic_of(before, "portal", "documents")
    traffic_of(after, "portal", "documents", failed=6)
    for both in (before, after):
        traffic_of(both, "portal", "ledger")
    traffic_of(before, "portal", "legacy")

    found = classes(f"?cmp={one.pk}")

    assert "errors" in found["portal → documents"]
    assert "gone" in found["portal → legacy"]
    assert faded(f"?cmp={one.pk}") == {"portal → ledger"}


def test_an_edge_that_is_gone_for_longer_than_the_window_is_drawn_all_the_same() -> None:
    # Ten minutes of rollout lie between: the map after it would not remember what only came before.
    one = deployed(27, 13)
    traffic_of(range(37, 39), "portal", "legacy")
    traffic_of(range(12), "portal", "ledger")

    assert "gone" in classes(f"?cmp={one.pk}")["portal → legacy"]


def test_groups_stand_out_with_their_members() -> None:
    mesh()
    calls("tiles", "store", namespace="geo")

    assert faded("?group=namespace&find=ns:geo") == {"shop"}
