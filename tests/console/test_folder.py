"""A data folder has one holder at a time."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from plimsoll.console import folder
from plimsoll.errors import BadSetting


def test_a_lasting_holder_is_named_to_whoever_comes_next(tmp_path: Path) -> None:
    words = rf"in use by `plimsoll up` \(process {os.getpid()}\); stop that"
    with folder.locked(tmp_path, "up", is_lasting=True), pytest.raises(folder.InUse, match=words):
        folder.locked(tmp_path, "up", is_lasting=True).__enter__()


def test_a_short_holder_is_waited_for(tmp_path: Path) -> None:
    held, ended = threading.Event(), threading.Event()

    def hold() -> None:
        with folder.locked(tmp_path, "token new", is_lasting=False):
            held.set()
            time.sleep(0.4)
            ended.set()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    with folder.locked(tmp_path, "up", is_lasting=True):
        has_ended = ended.is_set()
    thread.join()

    assert has_ended


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="away"), folder.locked(tmp_path, "up", is_lasting=True):
        raise ValueError("away")

    with folder.locked(tmp_path, "up", is_lasting=True):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\tup\tlasting\n"


def test_a_holder_that_has_not_signed_yet_is_not_taken_for_one_that_was_killed(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    (tmp_path / "lock").write_text(f"{killed.pid}\tup\tlasting\n")
    held = threading.Event()

    def hold_unsigned() -> None:
        with (tmp_path / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            held.set()
            time.sleep(0.4)

    thread = threading.Thread(target=hold_unsigned)
    thread.start()
    assert held.wait(5)
    with folder.locked(tmp_path, "up", is_lasting=True):
        signed = (tmp_path / "lock").read_text()
    thread.join()

    assert signed == f"{os.getpid()}\tup\tlasting\n"


def test_a_lock_that_cannot_be_opened_is_told_in_words(tmp_path: Path) -> None:
    # As one of somebody else; it works for root, too.
    (tmp_path / "lock").mkdir()

    with pytest.raises(BadSetting, match=rf"{tmp_path} cannot be written \(Is a directory\); choose another"):
        folder.locked(tmp_path, "up", is_lasting=True).__enter__()
