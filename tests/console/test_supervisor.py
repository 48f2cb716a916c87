"""Parts are started again with patience, and ended for certain."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from plimsoll.console.supervisor import back_off_s, ending


def test_the_wait_doubles_from_half_a_second_to_half_a_minute() -> None:
    waits = [back_off_s(deaths) for deaths in range(1, 10)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "ended with exit code 0"), (1, "ended with exit code 1"), (-9, "was ended by SIGKILL"), (-99, "signal 99")],
)
def test_an_end_is_told_in_words(code: int, words: str) -> None:
    assert words in ending(code)


SCRIPT = """
import os, signal
from plimsoll.console import supervisor
from plimsoll.console.screen import Screen
from plimsoll.console.signals import Signals
from plimsoll.console.supervisor import Part, Supervisor

supervisor.PARTS_GRACE_S = 1.0
signals = Signals()
own = Supervisor(Screen(), signals)
"""


def run(code: str) -> tuple[list[str], float]:
    """Run a supervisor in a process of its own; return what it printed and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT + code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), time.monotonic() - began


def test_a_part_that_ignores_sigterm_is_killed_after_its_grace() -> None:
    lines, _ = run("""
import time
own.add(Part("deaf", [], module="tests.console.deaf"))
deadline = time.monotonic() + 1.5
own.run(when_ready=lambda self: None, also=lambda: time.monotonic() > deadline and os.kill(os.getpid(), signal.SIGTERM))
began = time.monotonic()
own.end()
print(0.9 < time.monotonic() - began < 2.5)
""")

    assert lines == ["True"]


def test_the_end_waits_for_one_question_to_a_part_and_not_for_all() -> None:
    lines, _ = run("""
def asked():
    own.screen.line("asked")
    os.kill(os.getpid(), signal.SIGTERM)
    return True
for name in ("first", "second"):
    own.add(Part(name, [], module="tests.console.deaf", is_ready=asked))
own.run(when_ready=lambda self: self.screen.line("ready"))
supervisor.PARTS_GRACE_S = 0.0
own.end()
""")

    assert lines == ["asked"]


def test_a_part_is_ready_when_it_listens_itself_and_not_when_somebody_else_does() -> None:
    lines, _ = run("""
import socket, time
from plimsoll.env import Address
with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as free:
    taken, own_port = other.getsockname()[1], free.getsockname()[1]
    free.close()
    listening = ["-d", ".ci", "-b", "127.0.0.1", str(own_port)]
    own.add(Part("own", listening, "listens", module="http.server", listens_on=Address("127.0.0.1", own_port)))
    own.add(Part("other", [], "listens", module="tests.console.deaf", listens_on=Address("127.0.0.1", taken)))
    deadline = time.monotonic() + 10
    def look():
        if own._runs[0].was_ready or time.monotonic() > deadline:
            os.kill(os.getpid(), signal.SIGTERM)
    own.run(when_ready=lambda self: None, also=look)
    supervisor.PARTS_GRACE_S = 0.0
    own.end()
""")

    assert [line for line in lines if line.endswith("listens")] == [" ● own        listens"]


def test_a_part_that_is_done_is_not_started_again_and_tells(tmp_path: Path) -> None:
    for tried in ("first", "second"):
        (tmp_path / tried).touch()

    lines, _ = run(f"""
def done(self):
    self.screen.line("done")
own.add(Part("task", [{str(tmp_path)!r}], module="tests.console.third_time", is_once=True, when_done=done))
own.run(when_ready=lambda self: (self.screen.line("ready"), os.kill(os.getpid(), signal.SIGTERM)))
own.end()
""")

    assert lines == ["done", "ready"]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_part_that_fails_is_started_again_until_it_succeeds(tmp_path: Path) -> None:
    lines, seconds = run(f"""
def done(self):
    self.screen.line("done")
    os.kill(os.getpid(), signal.SIGTERM)
own.add(Part("task", [{str(tmp_path)!r}], module="tests.console.third_time", is_once=True, when_done=done))
own.run(when_ready=lambda self: None)
own.end()
""")

    assert lines == [
        " ▲ task       ended with exit code 1; starting again in 0.5 s",
        " ▲ task       ended with exit code 1; starting again in 1 s",
        "done",
    ]
    assert seconds > 1.5
