"""One Chromium for all tests, in a thread of its own: its loop must not meet Django's."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from django.conf import settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, sync_playwright

EXECUTABLE: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LOCALES: Final = {"en": "en-GB", "zh-Hans": "zh-CN"}
SIZE: Final = (1280, 900)
NARROW: Final = (320, 720)
# Names of controls as Chromium's accessibility tree computes them.
_CONTROLS: Final = frozenset(
    {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "switch", "tab", "slider", "menuitem"}
    # A summary.
    | {"DisclosureTriangle"}
)
_AUDIT: Final = (Path(__file__).parent / "audit.js").read_text()
_WORDS: Final = (Path(__file__).parent / "words.js").read_text()
_WATCH: Final = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
_NOT_OK: Final = "Failed to load resource: the server responded with a status of {status} ({reason})"
_READY: Final = """async () => {
  await document.fonts.ready;
  const charts = [...document.querySelectorAll("[data-figure], .chart-plotly")];
  const until = Date.now() + 5000;
  while (charts.some((each) => !each.querySelector(".main-svg")) && Date.now() < until)
    await new Promise((done) => setTimeout(done, 50));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

T = TypeVar("T")


@dataclass
class Look:
    """What there was to see and to complain about; every list is empty when all is well."""

    status: int
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    narrow: dict[str, Any] = field(default_factory=dict)
    words: list[tuple[str, str]] = field(default_factory=list)

    @property
    def weights(self) -> dict[str, int]:
        """Compressed bytes by kind."""
        weights: dict[str, int] = self.found["weights"]
        return weights

    def complaints(self) -> list[str]:
        """Return everything that is wrong, in words."""
        said = [*self.console, *self.errors]
        said += [f"violates the policy: {each}" for each in self.found["violations"]]
        if self.found["overflow"] > 0:
            said.append(f"{self.found['overflow']} px wider than the window: {self.found['wide']}")
        said += [f"text on text: {each}" for each in self.found["overlaps"]]
        said += [f"contrast {each}" for each in self.found["contrasts"]]
        said += [f"target too small, {each}" for each in self.found["small_targets"]]
        said += [f"field without a label: {each}" for each in self.found["unlabelled"]]
        said += [f"control without a name: {each}" for each in self.unnamed]
        said += [f"table with {each}" for each in self.found["tables"]]
        said += [f"menu without a choice: {each}" for each in self.found["idle_menus"]]
        said += [f"landmark without a name: {each}" for each in self.found["unnamed_landmarks"]]
        said += [f"id twice: {each}" for each in self.found["twice"]]
        said += [f"jumps the order of focus: {each}" for each in self.found["jumps"]]
        if len(self.found["h1"]) != 1:
            said.append(f"not one h1: {self.found['h1']}")
        if self.found["mains"] != 1:
            said.append(f"{self.found['mains']} main landmarks")
        if self.narrow and self.narrow["overflow"] > 0:
            said.append(f"at 320 px, {self.narrow['overflow']} px too wide: {self.narrow['wide']}")
        return said


class Browser:
    """Chromium, as tests ask for it; every method returns plain data."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        self._tabs: dict[tuple[str, str, tuple[int, int], bool], tuple[BrowserContext, Page]] = {}
        self._playwright, self._chromium = self._thread.submit(_launched).result()

    def close(self) -> None:
        """End the browser."""
        self.do(self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        for context, _ in self._tabs.values():
            context.close()
        self._chromium.close()
        self._playwright.stop()

    def do(self, act: Callable[[], T]) -> T:
        """Call something in the browser's thread."""
        return self._thread.submit(act).result()

    def act(
        self, play: Callable[[Page], T], *, theme: str = "light", lang: str = "en", size: tuple[int, int] = SIZE
    ) -> T:
        """Have a new tab of a new visitor do something, and close it."""

        def played() -> T:
            context, page = self._opened(theme, lang, size, scripts=True)
            try:
                return play(page)
            finally:
                context.close()

        return self.do(played)

    @contextmanager
    def tab(self, *, theme: str = "light", lang: str = "en") -> Iterator[Callable[[Callable[[Page], T]], T]]:
        """Open a tab of a new visitor that several things happen in; the block may do others between them."""
        context, page = self.do(lambda: self._opened(theme, lang, SIZE, scripts=True))
        try:
            yield lambda play: self.do(lambda: play(page))
        finally:
            self.do(context.close)

    def look(
        self,
        url: str,
        *,
        theme: str = "light",
        lang: str = "en",
        size: tuple[int, int] = SIZE,
        picture: Path | None = None,
        narrow: bool = False,
        scripts: bool = True,
        session: str = "",
    ) -> Look:
        """Open a page and return what there was to see; the picture is kept, and `narrow` looks at 320 px, too."""
        return self.do(lambda: self._look(url, (theme, lang, size, scripts), picture, narrow, session))

    def _look(
        self,
        url: str,
        tab: tuple[str, str, tuple[int, int], bool],
        picture: Path | None,
        narrow: bool,
        session: str,
    ) -> Look:
        if tab not in self._tabs:
            self._tabs[tab] = self._opened(tab[0], tab[1], tab[2], scripts=tab[3])
        context, page = self._tabs[tab]
        context.clear_cookies()
        if session:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
        look, console = Look(0), []

        def heard(message: Any) -> None:
            console.append((message.location.get("url"), f"console {message.type}: {message.text}"))

        def failed(error: Any) -> None:
            look.errors.append(f"script error: {error}")

        page.on("console", heard)
        page.on("pageerror", failed)
        try:
            answer = page.goto(url, wait_until="load")
            assert answer is not None
            look.status = answer.status
            # That a page says that it is not there, or that the database is away, is told of by the browser too.
            told = f"console error: {_NOT_OK.format(status=answer.status, reason=answer.status_text)}"
            if tab[3]:
                page.evaluate(_READY)
            if picture is not None:
                page.screenshot(path=picture)
            if not tab[3]:
                return look
            look.found = page.evaluate(_AUDIT)
            look.words = [(where, said) for where, said in page.evaluate(_WORDS)]
            look.unnamed = unnamed(context, page)
            look.console = [text for where, text in console if (where, text) != (answer.url, told)]
            if narrow:
                page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
                look.narrow = page.evaluate(_AUDIT)
                page.set_viewport_size({"width": tab[2][0], "height": tab[2][1]})
        finally:
            page.remove_listener("console", heard)
            page.remove_listener("pageerror", failed)
            # Its event stream would go on to the next test.
            with suppress(Exception):
                page.goto("about:blank")
        return look

    def _opened(self, theme: str, lang: str, size: tuple[int, int], *, scripts: bool) -> tuple[BrowserContext, Page]:
        context = self._chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            locale=LOCALES[lang],
            timezone_id="UTC",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        context.add_init_script(_WATCH)
        return context, context.new_page()


def _launched() -> tuple[Any, Chromium]:
    assert EXECUTABLE is not None
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))


def unnamed(context: BrowserContext, page: Page) -> list[str]:
    """Return the controls that a screen reader has no name for."""
    session = context.new_cdp_session(page)
    try:
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        found = []
        for node in nodes:
            role = node.get("role", {}).get("value")
            if node.get("ignored") or role not in _CONTROLS or node.get("name", {}).get("value", "").strip():
                continue
            shown = session.send("DOM.describeNode", {"backendNodeId": node["backendDOMNodeId"]})["node"]
            found.append(f"{role} <{shown['localName']} {' '.join(shown.get('attributes', []))[:80]}>")
        return found
    finally:
        session.detach()


def is_missing() -> bool:
    """Whether there is no browser; in CI that is an error, elsewhere the tests are skipped and counted."""
    return EXECUTABLE is None and not os.environ.get("CI")
