"""The map on its page: links that work without a script, names for scripts, and places that stay."""

import re

import pytest

from plimsoll.store import layouts
from plimsoll.store.models import Layout
from tests.dashboards.topology.looking import calls, known_for, mark, page, texts

pytestmark = pytest.mark.usefixtures("traffic")


def nodes(markup: str) -> dict[str, str]:
    """The classes of each service by name."""
    found = re.findall(r'<a class="(node[^"]*)" id="n-\d+".*?<text class="name"[^>]*>([^<]*)</text>', markup, re.DOTALL)
    return {name: css for css, name in found}


def order(markup: str) -> list[str]:
    """The names of services as they stand, column by column."""
    return re.findall(r'<text class="name"[^>]*>([^<]*)</text>', markup)


def test_services_and_edges_are_links_with_names_for_scripts() -> None:
    calls("gate", "ledger")

    text = page("?view=map")

    (client, server) = re.findall(r'data-client="(\d+)" data-server="(\d+)"', text)[0]
    edge = f'id="e-{client}-{server}" data-edge="{client}-{server}" data-client="{client}" data-server="{server}"'
    assert edge in text
    assert f'id="n-{client}" data-node="{client}" href="?view=map&amp;sel=n-{client}"' in text
    assert f'href="?view=map&amp;sel=e-{client}-{server}"' in text


def test_an_edge_says_all_to_those_who_cannot_see_it() -> None:
    calls("gate", "ledger", requests=900, failed=90)
    known_for(2)
    mark("error_rate", 0.01)

    assert 'aria-label="gate → ledger, over the mark, 1.0/s · 10 % · 100 ms"' in page("?view=map")


def test_the_map_says_what_it_is() -> None:
    calls("gate", "ledger", requests=900, failed=90)
    calls("gate", "search")
    mark("error_rate", 0.01)

    assert 'aria-label="Map of 3 services and 2 edges, 1 of them over their mark"' in page("?view=map")


def test_a_service_over_its_mark_is_bad_and_one_without_a_mark_is_unknown() -> None:
    calls("gate", "ledger", failed=30)
    calls("gate", "search")
    mark("error_rate", 0.01, service="ledger")

    found = nodes(page("?view=map"))

    assert found["ledger"].split()[1] == "bad"
    assert found["search"].split()[1] == "unk"


def test_an_idle_service_stays_and_is_faded() -> None:
    calls("gate", "ledger")
    calls("old", "forgotten", minutes_ago=120)

    found = nodes(page("?view=map"))

    assert "idle" in found["forgotten"].split()
    assert "idle" not in found["ledger"].split()


def test_what_is_selected_is_marked() -> None:
    calls("gate", "ledger")
    number = re.findall(r'data-client="(\d+)"', page("?view=map"))[0]

    assert "selected" in nodes(page(f"?view=map&sel=n-{number}"))["gate"].split()


def test_the_time_and_what_is_drawn_are_told() -> None:
    calls("gate", "ledger")
    known_for(2)

    assert texts(page("?view=map"), r'<p class="about">(.*?)</p>') == ["2 services, 1 edge in 15 min"]


def test_places_are_kept_and_what_is_new_is_put_between() -> None:
    for name in ("a", "b", "c"):
        calls("gate", name)
    before = order(page("?view=map"))
    calls("gate", "aa")

    after = order(page("?view=map"))

    assert [name for name in after if name != "aa"] == before
    assert "aa" in after


def test_places_are_written_only_when_they_change() -> None:
    calls("gate", "ledger")
    page("?view=map")
    (first,) = Layout.objects.all()

    page("?view=map")
    (again,) = Layout.objects.all()

    assert again.updated_at == first.updated_at
    assert first.scope == "services|,production"


def test_a_part_of_the_map_leaves_the_places_of_the_whole_alone() -> None:
    calls("gate", "ledger")
    calls("gate", "search")
    page("?view=map")
    (before,) = Layout.objects.all()

    page("?view=map&service=ledger")
    (after,) = Layout.objects.all()

    assert after.places == before.places


def test_keeping_says_whether_it_changed_anything() -> None:
    assert layouts.keep("s", {"a": (1, 0)})
    assert not layouts.keep("s", {"a": (1, 0)})
    assert layouts.keep("s", {"a": (1, 1)})
    assert layouts.kept("s") == {"a": (1, 1)}
    layouts.forget("s")
    assert layouts.kept("s") == {}


def test_a_map_that_cannot_be_computed_says_that_the_list_works(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls("gate", "ledger")

    def broken(*_: object) -> None:
        raise ValueError("no way")

    monkeypatch.setattr("dashboards.topology.drawing.scene.scene", broken)

    text = page("?view=map")
    assert "ValueError: no way" in caplog.text
    caplog.clear()

    assert "The map could not be computed. The list view works." in text
    assert "ledger" in page("?view=list")


def test_names_from_telemetry_are_quoted() -> None:
    calls("gate", '"><script>alert(1)</script>')

    assert "<script>alert" not in page("?view=map")


def test_a_service_in_a_group_that_is_asked_for_is_a_cell() -> None:
    for n in range(31):
        calls("gate", f"service-{n}")

    text = page("?view=map&group=namespace")

    assert 'data-level="groups"' in text
    assert len(re.findall(r'<a class="cell', text)) == 32


def test_from_sixty_services_on_the_matrix_is_suggested() -> None:
    for n in range(59):
        calls("gate", f"service-{n}")

    assert "easier as a matrix?" in page("?view=map")
    assert "easier as a matrix?" not in page("?view=map&service=service-1")


def test_addresses_that_open_what_is_not_there_leave_nothing_in_the_store() -> None:
    for n in range(31):
        calls("gate", f"service-{n}")

    page("?view=map&group=namespace&open=nowhere")
    page("?view=map&group=namespace&open=shop&open=nowhere")
    assert not Layout.objects.exists()

    page("?view=map&group=namespace&open=shop")
    assert [row.scope for row in Layout.objects.all()] == ["open:namespace:shop|,production"]
