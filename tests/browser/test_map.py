"""The map in a browser: keys, selection, back, pan and zoom, the time rail, and what live refreshes leave alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs

import pytest
from django.db import connection
from playwright.sync_api import FloatRect, Page, expect
from pytest_django import DjangoDbBlocker

from plimsoll.store.models import Deployment
from tests.browser import states
from tests.browser.browser import Browser
from tests.dashboards import builders
from tests.dashboards.topology.looking import calls, mark

# The rows are committed by `address`; a test itself writes nothing.
pytestmark = pytest.mark.django_db

# Live refreshes come when a test wants one: rows that were just written would bring some at any time.
_STILL = "window.EventSource = class { addEventListener() {} close() {} }; window.setInterval = () => 0;"

LONG = "citizens-permits-and-licences-review"

T = TypeVar("T")
Play = Callable[[Callable[[Page], T]], T]


@pytest.fixture(scope="module")
def address(server: str, django_db_blocker: DjangoDbBlocker, _open_to_visitors: None) -> Iterator[str]:
    """A map: portal calls permits and ledger, permits calls documents, which fails too often since it was deployed."""
    with django_db_blocker.unblock():
        for ago in range(6):
            calls("portal", "permits", minutes_ago=ago, requests=600)
            calls("portal", "ledger", minutes_ago=ago, requests=60)
            calls("permits", "documents", minutes_ago=ago, requests=600, failed=60)
        mark("error_rate", 0.01)
        began = datetime.now(UTC) - timedelta(minutes=90)
        builders.deployment("documents", version="v2", failed=True, started_at=began, finished_at=began)
        builders.deployment(LONG, version="v2026.11", started_at=began, finished_at=began)
        try:
            yield f"{server}/topology/"
        finally:
            states.empty()
            connection.close()


@pytest.fixture
def play(browser: Browser, address: str) -> Play[None]:
    """Open the map, and do something there; whatever the browser complains about fails the test."""

    def played(act: Callable[[Page], None]) -> None:
        def on(page: Page) -> None:
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.add_init_script(_STILL)
            page.goto(address)
            act(page)
            assert said + page.evaluate("window.__violations") == []

        browser.act(on, size=(1440, 900))

    return played


def state(page: Page) -> dict[str, str]:
    """What the address says."""
    query: str = page.evaluate("location.search")
    return {name: values[-1] for name, values in parse_qs(query.removeprefix("?")).items()}


def title(page: Page, text: str) -> None:
    expect(page.locator("#panel h2")).to_have_text(text)


def node(page: Page, name: str) -> str:
    """The id of a service's box."""
    found = page.locator(f'#map .node[aria-label^="{name},"]').get_attribute("id")
    assert found is not None
    return found


def box(page: Page, selector: str) -> FloatRect:
    """Where something is; a live refresh may just be replacing it."""
    for _ in range(20):
        found = page.locator(selector).bounding_box()
        if found is not None:
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{selector} is not to be seen")


def focus(page: Page) -> str:
    """The name of what has the focus."""
    label: str = page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
    return label.partition(",")[0]


def test_selecting_fetches_the_panel_alone_and_back_goes_back(play: Play[None]) -> None:
    def act(page: Page) -> None:
        documents, portal = node(page, "documents"), node(page, "portal")
        page.evaluate("document.getElementById('map').dataset.same = 'yes'")
        page.click(f"#{documents} .box")
        title(page, "documents")
        page.click(f"#{portal} .box")
        title(page, "portal")

        assert state(page) == {"sel": portal}
        assert page.locator("#map .selected").get_attribute("id") == portal
        assert page.get_attribute("#map", "data-same") == "yes"
        page.go_back()
        title(page, "documents")
        assert state(page) == {"sel": documents}
        page.reload()
        title(page, "documents")
        page.keyboard.press("Escape")
        title(page, "On this map")
        assert state(page) == {}

    play(act)


def test_arrows_move_along_calls_and_among_those_beside(play: Play[None]) -> None:
    def act(page: Page) -> None:
        page.focus(f"#{node(page, 'permits')}")
        seen = []
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight"):
            page.keyboard.press(key)
            seen.append(focus(page))

        assert seen[:6] == [
            "permits → documents", "documents", "permits → documents", "permits", "portal → permits", "portal",
        ]  # fmt: skip
        page.keyboard.press("ArrowDown")
        assert {seen[6], focus(page)} == {"portal → permits", "portal → ledger"}
        page.keyboard.press("Enter")
        expect(page.locator("#panel h2")).to_contain_text("portal → ")
        assert state(page)["sel"].startswith("e-")

    play(act)


def test_what_is_beside_the_focus_stands_out_and_an_edge_tells_its_figures(play: Play[None]) -> None:
    def act(page: Page) -> None:
        page.focus(f"#{node(page, 'ledger')}")
        page.keyboard.press("ArrowLeft")

        labels = page.eval_on_selector_all(
            "#map .lit", "all => all.map(e => e.getAttribute('aria-label').split(',')[0])"
        )
        assert sorted(labels) == ["ledger", "portal", "portal → ledger"]
        expect(page.locator("#map-tip")).to_contain_text("portal → ledger")
        page.locator("#find").focus()
        expect(page.locator("#map .lit")).to_have_count(0)
        expect(page.locator("#map-tip")).to_have_count(0)

    play(act)


def test_each_letter_is_a_button_too_and_goes_back_the_same_way(play: Play[None]) -> None:
    def act(page: Page) -> None:
        page.click(f"#{node(page, 'documents')} .box")
        title(page, "documents")
        for key, name, value, faded in (("b", "blast", "1", 2), ("o", "only", "mark", 5)):
            page.keyboard.press(key)
            expect(page.locator("#map .faded")).to_have_count(faded)
            assert state(page)[name] == value
            page.click(f'[data-key-link="{key}"]')
            expect(page.locator("#map .faded")).to_have_count(0)
            assert name not in state(page)
        page.keyboard.press("o")
        page.locator('[data-key-link="h"]').wait_for()
        page.keyboard.press("h")
        expect(page.locator("#map .node")).to_have_count(2)
        title(page, "documents")

    play(act)


def test_keys_do_nothing_while_somebody_types(play: Play[None]) -> None:
    def act(page: Page) -> None:
        page.focus("#find")
        page.keyboard.type("boh+-0")

        assert state(page) == {}
        assert page.input_value("#find") == "boh+-0"
        page.fill("#find", "ledger")
        page.keyboard.press("Enter")
        expect(page.locator("#switches")).to_contain_text("1 service, 1 call matches")
        assert state(page) == {"find": "ledger"}

    play(act)


def test_pan_and_zoom_stay_over_a_live_refresh_and_a_drag_selects_nothing(play: Play[None]) -> None:
    def act(page: Page) -> None:
        whole = page.get_attribute("#map", "viewBox")
        page.keyboard.press("+")
        page.keyboard.press("+")
        zoomed = page.get_attribute("#map", "viewBox")
        spot = box(page, f"#{node(page, 'permits')} .box")
        page.mouse.move(spot["x"] + 20, spot["y"] + 10)
        page.mouse.down()
        page.mouse.move(spot["x"] - 60, spot["y"] - 30, steps=6)
        page.mouse.up()
        moved = page.get_attribute("#map", "viewBox")

        assert len({whole, zoomed, moved}) == 3
        assert state(page) == {}
        page.focus(f"#{node(page, 'permits')}")
        moved = page.get_attribute("#map", "viewBox")
        page.evaluate("document.getElementById('map').dataset.old = 'yes'")
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:topology'))")
        expect(page.locator("#map[data-old]")).to_have_count(0)
        assert page.get_attribute("#map", "viewBox") == moved
        assert focus(page) == "permits"
        page.click('[data-zoom="fit"]')
        assert page.get_attribute("#map", "viewBox") == whole

    play(act)


def test_the_wheel_with_control_zooms_where_the_pointer_is(play: Play[None]) -> None:
    def act(page: Page) -> None:
        portal = f"#{node(page, 'portal')} .box"
        before = box(page, portal)
        x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
        page.mouse.move(x, y)
        page.keyboard.down("Control")
        page.mouse.wheel(0, -150)
        page.keyboard.up("Control")

        after = box(page, portal)
        assert after["width"] > before["width"] * 1.2
        assert after["x"] + after["width"] / 2 == pytest.approx(x, abs=2)
        assert after["y"] + after["height"] / 2 == pytest.approx(y, abs=2)

    play(act)


def test_dragging_the_head_shows_another_minute_and_live_comes_back(play: Play[None]) -> None:
    def act(page: Page) -> None:
        rail, head = box(page, "#rail > svg"), box(page, "#rail-head")
        page.mouse.move(head["x"] + head["width"] / 2, rail["y"] + 15)
        page.mouse.down()
        page.mouse.move(rail["x"] + rail["width"] / 2, rail["y"] + 15, steps=6)
        expect(page.locator("#rail .bubble")).to_be_visible()
        page.mouse.up()
        expect(page.locator("#rail .live[aria-current]")).to_have_count(0)

        start, end = (int(page.get_attribute("#rail", f"data-{name}") or 0) for name in ("start", "end"))
        shown = datetime.fromisoformat(state(page)["at"]).timestamp()
        # A pixel is twelve seconds, and the rail may have moved on by a minute.
        assert shown == pytest.approx((start + end) / 2, abs=120)
        assert int(page.get_attribute("#rail", "data-head") or 0) == shown
        page.focus("#rail-head")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(lambda url: str(int(shown)) not in url and "at=" in url)
        expect(page.locator("#rail")).to_have_attribute("data-head", str(int(shown) - 180))
        assert page.evaluate("document.activeElement.id") == "rail-head"
        page.click("#rail .live")
        expect(page.locator("#rail .live[aria-current]")).to_have_count(1)
        assert state(page) == {}

    play(act)


def test_a_link_of_the_bar_keeps_what_was_chosen_since_the_page_was_loaded(play: Play[None]) -> None:
    def act(page: Page) -> None:
        documents = node(page, "documents")
        page.click(f"#{documents} .box")
        title(page, "documents")
        page.locator(".bar .menu", has_text="window").locator("summary").click()
        page.click(".bar .menu[open] a:has-text('1 hour')")
        page.wait_for_url("**window=1h**")

        assert state(page) == {"sel": documents, "window": "1h"}
        title(page, "documents")
        page.keyboard.press("]")
        page.wait_for_url("**window=6h**")
        page.keyboard.press("[")
        page.wait_for_url("**window=1h**")
        assert state(page) == {"sel": documents, "window": "1h"}

    play(act)


def test_a_copied_link_has_the_times_and_the_selection_that_are_shown(play: Play[None]) -> None:
    def act(page: Page) -> None:
        page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        ledger = node(page, "ledger")
        page.click("#rail .step >> nth=0")
        expect(page.locator("#rail .live[aria-current]")).to_have_count(0)
        page.click(f"#{ledger} .box")
        title(page, "ledger")
        begin, head = (int(page.get_attribute("#rail", f"data-{name}") or 0) for name in ("begin", "head"))
        page.locator(".bar .menu", has_text="window").locator("summary").click()
        button = page.locator(".bar .menu[open] [data-copies-link]")
        button.click()
        expect(button).to_have_text("Copied")
        page.goto(page.evaluate("window.copied"))

        found = state(page)
        assert found.keys() == {"sel", "from", "to"}
        assert found["sel"] == ledger
        assert [int(datetime.fromisoformat(found[name]).timestamp()) for name in ("from", "to")] == [begin, head]
        assert int(page.get_attribute("#rail", "data-begin") or 0) == begin
        title(page, "ledger")

    play(act)


# What is left of the find box beside what it says while it is empty.
_ROOM = """() => {
  const find = document.getElementById("find"), style = getComputedStyle(find);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  return find.clientWidth - 2 * parseFloat(style.paddingLeft) - pen.measureText(find.placeholder).width;
}"""
_CUT = """() => [...document.querySelectorAll(".bar .menu > summary span")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.title)"""


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_a_long_name_of_what_is_compared_is_shortened_and_nothing_else_is(
    browser: Browser, address: str, lang: str
) -> None:
    name = Deployment.objects.get(service__name=LONG).pk

    def on(page: Page) -> None:
        page.goto(f"{address}?cmp={name}&cluster=aws-1&team=payments")
        for width in (1440, 1280, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            # The cross that empties it stands there, too.
            assert page.evaluate(_ROOM) >= 16, width
            assert page.evaluate(_CUT) == [f"{LONG} v2026.11"], width
            assert page.evaluate("document.documentElement.scrollWidth") == width

    browser.act(on, lang=lang, size=(1440, 900))


def test_without_scripts_every_state_is_a_link(browser: Browser, address: str) -> None:
    look = browser.look(f"{address}?find=ledger", scripts=False)

    assert look.status == 200


@pytest.mark.parametrize(("size", "seen"), [((1440, 900), "Map"), ((390, 844), "List")])
def test_the_tab_that_is_marked_is_the_view_that_is_seen(
    browser: Browser, address: str, size: tuple[int, int], seen: str
) -> None:
    def on(page: Page) -> None:
        page.goto(address)
        tabs = page.get_by_role("group", name="View").get_by_role("link")
        expect(tabs).to_have_text(["Map", "Matrix", "List"])
        marked = [
            text
            for text, tab in zip(tabs.all_inner_texts(), tabs.all(), strict=True)
            if tab.get_attribute("aria-current")
        ]
        shown = {"Map": page.locator("#map").is_visible(), "List": page.locator("#list").is_visible()}
        # Where there is room for it, the map fits the window.
        assert seen == "List" or page.evaluate("document.documentElement.scrollHeight") == size[1]
        assert marked == [seen] == [name for name, is_seen in shown.items() if is_seen]

    browser.act(on, size=size)


def test_on_a_phone_the_panel_is_gone_to_when_it_opens_and_the_list_when_it_closes(
    browser: Browser, address: str
) -> None:
    def on(page: Page) -> None:
        page.goto(address)
        call = page.locator("#list tbody a").first
        call.click()
        expect(page.locator("#panel")).to_be_focused()
        expect(page.locator("#panel h2")).to_be_in_viewport()
        page.click("#panel .close")
        expect(call).to_be_focused()
        expect(call).to_be_in_viewport()

    # So low that the panel is out of sight.
    browser.act(on, size=(390, 400))
