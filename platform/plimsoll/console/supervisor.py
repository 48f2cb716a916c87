"""Keeps parts running: starts them, shows when they are ready, starts them again when they die, and ends them all."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plimsoll.console import USAGE, children
from plimsoll.console.screen import Screen
from plimsoll.console.signals import Signals
from plimsoll.env import Address
from plimsoll.errors import BadSetting

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
# Whoever has run for so long has recovered: its next death is the first again.
HEALTHY_S = 60.0
# Parts get so long to end in order; then they are killed, which the kernel does within milliseconds.
PARTS_GRACE_S, KILLED_GRACE_S = 5.0, 0.5
_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Part:
    """One process of an installation.

    `arguments` are those of `python -m <module>`. It counts as ready when its own process listens on `listens_on` and
    `is_ready` says so, and then `about` is shown, the first time with `about_first`. A part that ends is started again,
    unless `is_once`: that one may end with exit code 0, and `when_done` is called.
    """

    name: str
    arguments: Sequence[str]
    about: str = ""
    is_ready: Callable[[], bool] = lambda: True
    listens_on: Address | None = None
    module: str = "plimsoll"
    environment: Mapping[str, str] = field(default_factory=dict)
    is_once: bool = False
    when_done: Callable[["Supervisor"], None] | None = None
    about_first: str = ""


@dataclass(slots=True)
class _Run:
    """Where a part stands."""

    part: Part
    process: children.Process | None = None
    began: float = 0.0
    is_ready: bool = False
    was_ready: bool = False
    deaths: int = 0
    due: float = 0.0
    is_done: bool = False


class Supervisor:
    """The main loop over the parts of an installation; everything happens in the thread that calls `run`."""

    def __init__(self, screen: Screen, signals: Signals) -> None:
        self.screen = screen
        self.signals = signals
        self._runs: list[_Run] = []
        self._is_ready = False

    def add(self, part: Part) -> None:
        """Start a part, now or as soon as `run` is called, and keep it running."""
        self._runs.append(_Run(part))

    def run(self, *, when_ready: Callable[["Supervisor"], None], also: Callable[[], None] = lambda: None) -> None:
        """Keep the parts running until a signal asks for the end; `when_ready` is called once, when all are.

        `also` is called in each turn. Raises PlimsollError when a part refuses its settings before it was ever ready.
        """
        while not self.signals.endings:
            also()
            for run in list(self._runs):
                # To ask a part whether it is ready may take a while; the end does not wait for all of them.
                if self.signals.endings:
                    return
                self._turn(run)
            if not self._is_ready and all(run.was_ready for run in self._runs):
                self._is_ready = True
                when_ready(self)
            self.signals.wait(_EVERY_S)

    def end(self) -> None:
        """End all parts: in order within the grace, by force after it or at a second signal."""
        alive = [run.process for run in self._runs if run.process is not None]
        children.end(alive, signal.SIGTERM)
        deadline = time.monotonic() + PARTS_GRACE_S
        while not children.are_gone(alive) and time.monotonic() < deadline and self.signals.endings < 2:
            self.signals.wait(0.05)
        children.end(alive, signal.SIGKILL)
        children.wait(alive, KILLED_GRACE_S)

    def _turn(self, run: _Run) -> None:
        """Look at one part and do what is due."""
        now = time.monotonic()
        if run.is_done:
            return
        if run.process is None:
            if now >= run.due:
                run.process = children.spawn(run.part.module, run.part.arguments, run.part.environment)
                run.began, run.is_ready = now, False
            return
        code = run.process.poll()
        if code is not None:
            self._ended(run, code)
        elif not run.is_ready and _listens(run.part, run.process) and run.part.is_ready():
            again = run.part.about_first if not run.was_ready else "   (started again)"
            run.is_ready = run.was_ready = True
            if run.part.about:
                self.screen.part("well", run.part.name, f"{run.part.about}{again}")

    def _ended(self, run: _Run, code: int) -> None:
        """Note the end of a part, and when to start it again."""
        assert run.process is not None
        # What it left behind in its session must not hold its port.
        children.end([run.process], signal.SIGKILL)
        lasted = time.monotonic() - run.began
        run.process = None
        if run.part.is_once and code == 0:
            run.is_done = run.was_ready = True
            if run.part.when_done is not None:
                run.part.when_done(self)
            return
        if code == USAGE and not run.was_ready:
            # It has said why on stderr, and trying again will not help.
            raise BadSetting
        run.deaths = 1 if lasted >= HEALTHY_S else run.deaths + 1
        wait_s = back_off_s(run.deaths)
        run.due = time.monotonic() + wait_s
        self.screen.part("trouble", run.part.name, f"{ending(code)}; starting again in {wait_s:g} s")


def _listens(part: Part, process: children.Process) -> bool:
    """Whether the process itself listens where it should: whoever answers there may be somebody else's."""
    return part.listens_on is None or children.listens(process, part.listens_on.port)


def back_off_s(deaths: int) -> float:
    """Return how long to wait before the next start: 0.5 s, doubling to 30 s."""
    return float(min(FIRST_WAIT_S * 2 ** min(deaths - 1, 16), LONGEST_WAIT_S))


def ending(code: int) -> str:
    """Return how a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
