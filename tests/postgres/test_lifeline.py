"""A process on a lifeline, and all that it forks, die with the one that started it."""

import os
import subprocess
import sys

import psutil
import pytest

from tests.console.installation import within

# The parent starts a child on a lifeline; the child forks a grandchild; both tell their process ids and wait.
CHILD = """
import os, time
from plimsoll.postgres import lifeline
lifeline.hold()
if os.fork() == 0:
    os.fork()
os.write(1, b"%d\\n" % os.getpid())
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys, time
environment = {**os.environ, "PLIMSOLL_PARENT_PID": str(os.getpid())}
subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=environment)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes half a second and a thread")
def test_children_and_grandchildren_die_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    family = [psutil.Process(int(parent.stdout.readline())) for _ in range(3)]

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert within(2, lambda: not any(each.is_running() and each.status() != "zombie" for each in family))


def test_a_process_whose_parent_is_gone_already_ends_at_once() -> None:
    environment = {**os.environ, "PLIMSOLL_PARENT_PID": "1"}

    ended = subprocess.run([sys.executable, "-c", CHILD], env=environment, capture_output=True, check=False)

    assert ended.returncode == -9
    assert ended.stdout == b""


def test_without_a_parent_to_hold_on_to_nothing_happens() -> None:
    code = "from plimsoll.postgres import lifeline; lifeline.hold(); print('alive')"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"alive\n"
