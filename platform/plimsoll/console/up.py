"""`plimsoll up`: everything on one machine, under one supervisor that needs no Django itself."""

import argparse
import os
import signal
import subprocess
import time
from collections.abc import Callable

import plimsoll
from plimsoll import env
from plimsoll.console import catalog, children, database, folder, parts, ports
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.console.screen import Screen
from plimsoll.console.signals import Signals
from plimsoll.console.supervisor import Supervisor, back_off_s, ending
from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import embedded

# After the parts have ended (5.5 s), and before the 2 s in which the database ends at once: 9 s of the 10 s promised.
_DATABASE_GRACE_S = 1.5


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("up", help="run everything on this machine; Ctrl-C stops it")
    add_settings(parser, "--data", "--web", "--otlp-grpc")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run everything until SIGTERM or SIGINT."""
    apply_settings(options)
    return serve("up", when_ready=lambda supervisor: supervisor.screen.line("ready"))


def serve(holder: str, *, when_ready: Callable[[Supervisor], None]) -> int:
    """Run everything until a signal asks for the end, and return the exit code.

    `holder` is the command's name, for whoever finds the folder in use. `when_ready` is called in the main loop once
    all parts are ready; it may add further parts.
    """
    database.check_url()
    about_catalog = catalog.read_at_start()
    data = database.data_folder()
    # A signal counts from here on, whatever has been started by then.
    signals, screen = Signals(), Screen()
    with folder.locked(data, holder, is_lasting=True):
        addresses = ports.checked()
        os.environ.update({setting: str(address) for setting, address in addresses.items()})
        screen.line(f"Plimsoll {plimsoll.__version__}   data: {data}   (Ctrl-C stops)")
        if about_catalog:
            screen.part("well", "catalog", about_catalog)
        own = Database(screen, signals)
        supervisor = Supervisor(screen, signals)
        try:
            own.keep()
            first = migrated(screen, signals)
            if first is not None:
                for part in parts.all_parts(addresses, first):
                    supervisor.add(part)
                supervisor.run(when_ready=when_ready, also=own.keep)
        except PlimsollError:
            if not signals.endings:
                raise
        finally:
            supervisor.end()
            own.end()
    return 0


class Database:
    """The embedded database as a part: started first, ended last. When the database is elsewhere it does nothing."""

    def __init__(self, screen: Screen, signals: Signals) -> None:
        self._screen = screen
        self._signals = signals
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths = 0
        self._due = 0.0

    def keep(self) -> None:
        """Start it, or start it again when it has died and its time has come."""
        if not database.is_embedded():
            return
        now = time.monotonic()
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            self._wait(ending(code))
        elif self._process is None and now >= self._due:
            self._start(now)

    def _start(self, now: float) -> None:
        try:
            self._process = embedded.start(database.data_folder(), is_wanted=lambda: not self._signals.endings)
        except PlimsollError as error:
            # At the very start it is a mistake to be told; later everything else still runs, and it may heal.
            if not self._deaths:
                raise
            self._wait(str(error))
            return
        took = time.monotonic() - now
        self._screen.part("well", "database", f"PostgreSQL {embedded.version()}, ready in {took:.1f} s (socket only)")

    def _wait(self, why: str) -> None:
        self._deaths += 1
        wait_s = back_off_s(self._deaths)
        self._due = time.monotonic() + wait_s
        self._screen.part("trouble", "database", f"{why}; starting again in {wait_s:g} s")

    def end(self) -> None:
        """Shut it down in order, at a second signal at once; its data is whole either way."""
        if self._process is not None and self._process.poll() is None:
            embedded.stop(self._process, 0.0 if self._signals.endings > 1 else _DATABASE_GRACE_S)


def migrated(screen: Screen, signals: Signals) -> str | None:
    """Bring the schema up to date in a process of its own; None when the end was asked for meanwhile.

    Returns the path of the link for the first person, empty when there is somebody already.
    """
    child = children.spawn("plimsoll", ["migrate", "--first-link"], {}, output=subprocess.PIPE)
    while child.poll() is None and not signals.endings:
        signals.wait(1.0)
    if signals.endings:
        children.end([child], signal.SIGKILL)
        child.wait()
        return None
    assert child.stdout is not None
    lines = child.stdout.read().decode().split("\n")
    if child.returncode:
        # It has said why on stderr.
        kind = BadSetting if child.returncode == 2 else PlimsollError
        raise kind
    if not database.is_embedded():
        screen.part("well", "database", f"{lines[0]} at {database.shown(env.text('PLIMSOLL_DATABASE_URL'))}")
    screen.part("well", "schema", lines[1])
    return lines[2]
