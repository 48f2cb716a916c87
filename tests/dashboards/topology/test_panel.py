"""The side panel: what is selected, since when it is over its mark, who is reached by it, and what was deployed."""

import re
from datetime import timedelta
from html import unescape

import pytest

from plimsoll.store.models import Edge, Node
from tests.dashboards import builders
from tests.dashboards.topology.looking import calls, clock, known_for, mark, now, page, rows, texts

pytestmark = pytest.mark.usefixtures("traffic")

MINUTE = timedelta(minutes=1)


def panel(query: str = "") -> str:
    """The markup of the panel."""
    return page(query).partition('id="panel"')[2].partition("</aside>")[0]


def said(query: str = "") -> str:
    """All that the panel says, tags left out."""
    return " ".join(texts(f"<x {panel(query)}</x>", r"<x [^>]*>(.*)</x>"))


def arc(client: str, server: str) -> str:
    """The id of an edge's element."""
    row = Edge.objects.filter(client__name=client, server__name=server).values_list("client_id", "server_id").first()
    assert row is not None
    return f"e-{row[0]}-{row[1]}"


def node(name: str) -> str:
    row = Edge.objects.filter(server__name=name).values_list("server_id", flat=True).first()
    row = row or Edge.objects.filter(client__name=name).values_list("client_id", flat=True).first()
    assert row is not None
    return f"n-{row}"


def quiet_then_bad(minutes: int = 4) -> None:
    """Ten good minutes of permits' calls of documents, then some with 10 % errors."""
    for ago in range(minutes, minutes + 10):
        calls("permits", "documents", minutes_ago=ago, requests=600, failed=0)
    for ago in range(minutes):
        calls("permits", "documents", minutes_ago=ago, requests=600, failed=60)
    known_for(48)
    mark("error_rate", 0.01)


def test_nothing_selected_it_says_what_the_map_shows_the_worst_calls_first() -> None:
    calls("gate", "ledger", requests=600, failed=0)
    calls("ledger", "vault", requests=600, failed=60)
    mark("error_rate", 0.01)

    text = said()

    assert "3 services and stores · 2 calls" in text
    assert "Over the mark 1 call is over its mark." in text
    assert text.index("ledger → vault") < text.index("gate → ledger")


def test_each_count_of_the_map_leads_to_a_view_of_just_that() -> None:
    calls("gate", "ledger", requests=600, failed=0)
    calls("ledger", "vault", requests=600, failed=60)
    calls("ledger", "audit", requests=1000, failed=9)
    calls("audit", "ledger", minutes_ago=90)
    calls("ghost", "audit", minutes_ago=90)
    mark("error_rate", 0.01)
    links = {unescape(text): unescape(href) for href, text in re.findall(r'<a href="([^"]*)">([^<]*)</a>', panel())}

    assert links.keys() == {
        "4 services and stores", "3 calls", "1 idle", "1 call is over its mark.", "1 is near it.",
    }  # fmt: skip
    assert "3 calls between two services" in page(links["3 calls"])
    assert [row[1:3] for row in rows(page(links["1 call is over its mark."]))] == [["ledger", "vault"]]
    assert [row[1:3] for row in rows(page(links["1 is near it."]))] == [["ledger", "audit"]]
    assert "4 services, 3 edges" in page(links["4 services and stores"])
    assert "1 service, 0 edges" in page(links["1 idle"])


def test_beside_a_comparison_what_is_gone_is_not_counted_and_not_shown() -> None:
    for ago in range(1, 40):
        calls("web", "cart", minutes_ago=ago)
        calls("cart", "fresh" if ago < 18 else "old", minutes_ago=ago)
        if ago >= 18:
            calls("old", "older", minutes_ago=ago)
    began = now() - 17 * MINUTE
    deployed = builders.deployment("cart", started_at=began, finished_at=began + MINUTE)
    compared = panel(f"?everywhere=1&cmp={deployed.pk}")
    href, n = re.findall(r'<a href="([^"]*)">(\d+) services and stores', compared)[0]

    assert n == "3"
    assert "3 services, 2 edges" in page(unescape(href))


def test_figures_are_over_the_minutes_that_anything_was_heard_of() -> None:
    for ago in range(3):
        calls("gate", "ledger", minutes_ago=ago, requests=60)
    end = now().replace(second=0, microsecond=0)
    Edge.objects.update(first_seen=end - 3 * MINUTE)

    assert "in 3 min now Rate 1.0/s" in said(f"?sel={arc('gate', 'ledger')}&at={end:%Y-%m-%dT%H:%MZ}")


def test_without_a_mark_nothing_is_judged() -> None:
    calls("gate", "ledger")

    assert "No mark is set for any of these calls, so nothing is judged." in said()
    assert "No mark is set for its error rate or its P95, so nothing is judged." in said(
        f"?sel={arc('gate', 'ledger')}"
    )
    # The call's figures are known: nobody hears that it is not.
    assert '<li class="call pair"><span class="shape unk" aria-hidden="true">○</span><a ' in panel()


def test_an_edge_tells_its_ends_its_figures_and_since_when_it_is_over_its_mark() -> None:
    quiet_then_bad()
    began = clock(now() - 4 * MINUTE)

    text = said(f"?sel={arc('permits', 'documents')}")

    assert "permits → documents" in text
    assert "HTTP · aws-1 · first seen" in text
    assert f"Over the mark since {began}. Errors went from 0.0 % to 2.9 %; the mark is 1.0 %." in text
    assert "P50 P50 by the minute" not in text
    assert "100 ms" in text


def test_what_was_bad_from_the_first_minute_began_then_or_earlier() -> None:
    for ago in range(14):
        calls("permits", "documents", minutes_ago=ago, requests=600, failed=60)
    mark("error_rate", 0.01)

    assert "or earlier. Errors are 10 %; the mark is 1.0 %." in said(f"?sel={arc('permits', 'documents')}")


def test_an_edge_that_is_not_on_the_map_is_said_not_to_be() -> None:
    calls("gate", "ledger")

    assert "What is selected had no calls in this window, or is outside the filters." in said("?sel=e-998-999")


def test_an_edge_that_is_gone_has_no_figures() -> None:
    calls("gate", "ledger", minutes_ago=20)
    calls("ledger", "vault")
    known_for(2)

    text = said(f"?sel={arc('gate', 'ledger')}")

    assert "No calls in this window. The last one was at" in text
    assert "Errors unknown P50 unknown P95 unknown" in text


def test_the_callers_and_the_called_of_a_node_are_told_with_their_figures() -> None:
    calls("gate", "ledger", requests=900, failed=9)
    calls("ledger", "vault", requests=900)
    known_for(48)

    text = said(f"?sel={node('ledger')}")

    assert "Callers ○ gate 1.0/s · 1.0 % · 100 ms" in text
    assert "Called ○ vault 1.0/s · 0.0 % · 100 ms" in text


def test_a_neighbour_outside_the_filters_is_told_with_its_own_figures() -> None:
    calls("user", "gate", requests=900, failed=9)
    calls("gate", "ledger", requests=90)
    known_for(48)

    text = said(f"?service=ledger&sel={node('gate')}")

    assert "Rate 1.0/s" in " ".join(text.replace("by the minute", "").split())
    assert "It is outside the filters: its figures are of all its calls, the lists are of those within them." in text
    assert "No calls" not in text
    assert "outside the filters" not in said(f"?sel={node('gate')}")


def more(name: str, query: str) -> str:
    """Where the panel says that the rest of a list is, and how many are there."""
    found = re.search(rf'id="more-{name}" href="([^"]*)">([^<]*)<', panel(query))
    assert found is not None, panel(query)
    return f"{unescape(found[1])} {found[2]}"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("callers", r'class="call">.*?>(caller-\d)<'),
        ("called", r'class="call">.*?>(called-\d)<'),
        ("reached", r"<li><a [^>]*>(caller-\d)<"),
    ],
)
def test_the_rest_of_a_list_is_in_its_place_a_click_further(name: str, row: str) -> None:
    for number in range(9):
        calls(f"caller-{number}", "ledger")
        calls("ledger", f"called-{number}", requests=30)
        calls("apart", f"called-{number}")
    query = f"?sel={node('ledger')}"

    whole, _, count = more(name, query).partition(" ")

    assert count == "and 3 more"
    assert len(set(re.findall(row, panel(query)))) == 6
    assert len(set(re.findall(row, panel(whole)))) == 9
    assert more(name, whole) == f"{query} Show fewer"


def test_the_rest_of_the_worst_calls_is_the_list_and_those_of_a_group_are_a_click_further() -> None:
    for number in range(31):
        calls("gate", f"service-{number}")
    for number in range(2):
        calls("gate", f"gone-{number}", minutes_ago=20)

    overall, _, count = more("worst", "?hide=1&find=service-1").partition(" ")
    of_group, _, in_group = more("worst", "?sel=g-shop").partition(" ")

    assert count == in_group == "and 25 more"
    assert texts(page(overall), r"<caption>(.*?)</caption>") == [
        "31 calls between two services in 15 min, and 2 that had none"
    ]
    assert panel(of_group).count('class="call pair"') == 31


def test_the_blast_radius_names_all_callers_with_the_share_that_passes_there() -> None:
    calls("portal", "permits", requests=600)
    calls("permits", "documents", requests=150)

    text = said(f"?sel={arc('permits', 'documents')}")

    assert "Blast radius: 2 callers permits up to 25 % portal up to 25 %" in text


def test_the_deployments_shortly_before_the_onset_are_told_and_not_as_a_verdict() -> None:
    quiet_then_bad()
    began = now() - 5 * MINUTE
    one = builders.deployment("documents", version="v2.14.0", started_at=began, finished_at=began + MINUTE)
    builders.deployment("documents", version="v2.13.0", started_at=began - 60 * MINUTE, finished_at=began - 50 * MINUTE)
    builders.carried(one, builders.change(author="Ana Pires"), 7800.0)
    link(one.service_id)

    text = said(f"?sel={arc('permits', 'documents')}")

    assert "Likely cause documents v2.14.0" in text
    assert "1 change, 2.2 h lead time, Ana Pires" in text
    assert "that proves nothing yet." in text
    assert "v2.13.0" not in text
    assert f'href="/deployments/{one.pk}/">Open the deployment' in panel(f"?sel={arc('permits', 'documents')}")


def link(service: int | None) -> None:
    """Let the node be of the service that was deployed."""
    Node.objects.filter(name="documents").update(service=service)


def test_when_nothing_was_deployed_that_is_said() -> None:
    quiet_then_bad()
    link(builders.service("documents").pk)

    assert "None of its services was deployed in the 30 minutes before it began." in said(
        f"?sel={arc('permits', 'documents')}"
    )


@pytest.mark.parametrize("sel", ["e-1", "n-x", "x", "e-1-2-3", "n-99999999999999999999", "<script>"])
def test_a_selection_that_makes_no_sense_does_no_harm(sel: str) -> None:
    calls("gate", "ledger")

    assert "<script>" not in panel(f"?sel={sel}")


def test_a_group_that_is_selected_says_what_its_services_call_and_are_called() -> None:
    for number in range(31):
        calls("gate", f"service-{number}")
    calls("alone", "elsewhere")

    calls("tiles", "service-0", namespace="maps", to="shop")
    calls("ghost", "service-1", minutes_ago=90)

    text = said("?group=namespace&sel=g-shop")

    assert "shop" in text
    # Its own, as its box counts them: who calls it from outside is none of them, what nobody calls just now is.
    assert "34 services and stores · 33 calls · 1 idle" in text
    assert 'aria-label="maps, 1 service, no mark"' in page("?group=namespace")
    assert "2 groups by namespace" in page("?group=namespace")
    assert "had no calls in this window" not in text
    assert "Worst calls" in text


def test_calls_between_two_groups_can_be_selected() -> None:
    for number in range(31):
        calls("gate", f"service-{number}")

    text = said("?group=namespace&sel=h-shop--shop")

    assert "shop → shop" in text
    assert "31 calls" in text


def test_a_group_that_is_not_there_is_said_to_be_outside() -> None:
    calls("gate", "ledger")

    assert "had no calls in this window, or is outside the filters" in said("?group=namespace&sel=g-nowhere")
