"""The installation's own key: made once, whole or not at all, and one for all who start at once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from plimsoll import secret_key
from plimsoll.errors import BadSetting
from tests.console.installation import plimsoll


def test_a_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    first, second = secret_key.kept(folder), secret_key.kept(folder)

    assert first == second
    assert len(first) == 64
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder) == ["secret-key"]


def test_all_who_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    together = Barrier(8)

    def start(_: int) -> str:
        together.wait(10)
        return secret_key.kept(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(start, range(8)))

    assert len(set(keys)) == 1
    assert len(keys[0]) == 64
    assert os.listdir(tmp_path) == ["secret-key"]


KILLED = """
import os, signal, sys
from pathlib import Path
from plimsoll import secret_key

os.{call} = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
secret_key.kept(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("call", ["fdopen", "fsync", "link"])
def test_a_start_that_is_killed_leaves_no_half_a_key(tmp_path: Path, call: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED.format(call=call), str(tmp_path)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "secret-key").exists()
    assert len(secret_key.kept(tmp_path)) == 64


@pytest.mark.parametrize("content", [b"", b"\n", b"too-short", b"\xff" * 64])
def test_a_file_without_a_key_is_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret-key").write_bytes(content)

    with pytest.raises(BadSetting, match="secret-key holds no key of at least 32 characters"):
        secret_key.kept(tmp_path)


def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()

    with pytest.raises(BadSetting, match=r"secret-key cannot be used: Is a directory"):
        secret_key.kept(tmp_path)


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadSetting, match=r"secret-key cannot be used: Not a directory"):
        secret_key.kept(tmp_path / "file" / "data")


def test_a_command_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()

    said = plimsoll(tmp_path, "migrate", PLIMSOLL_DATABASE_URL="postgresql://me@127.0.0.1:1/x")

    assert said.returncode == 2
    assert said.stderr.startswith(f"plimsoll: {tmp_path}/secret-key holds no key of at least 32 characters")
    assert said.stderr.count("\n") == 1
