"""The bundled server starts on any folder it may use, ends with who started it, and refuses the others in words."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import embedded, leftover
from tests.console.installation import within

# Starts a server and is then killed before it can stop it.
KILLED = """
import os, signal, sys
from pathlib import Path
from plimsoll.postgres import embedded
embedded.start(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def initialisers(data: Path) -> Iterator[psutil.Process]:
    """Yield the living processes that make a database under the folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "initdb" and any(str(data) in each for each in process.cmdline()):
                yield process


@contextmanager
def running(data: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    server = embedded.start(data)
    try:
        with psycopg.connect(embedded.socket_url(data)) as connection:
            yield connection
    finally:
        embedded.stop(server)


def setting(connection: psycopg.Connection[tuple[object, ...]], name: str) -> object:
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return row[0]


def test_what_it_acknowledges_is_durable_and_it_listens_on_a_socket_only(tmp_path: Path) -> None:
    with running(tmp_path) as connection:
        names = (
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "listen_addresses",
            "unix_socket_permissions",
        )
        settings = [setting(connection, name) for name in names]

    assert settings == ["on", "on", "on", "", "0700"]


def test_names_are_compared_by_code_point_whatever_the_machine_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.nonsense")

    with running(tmp_path) as connection:
        row = connection.execute("SELECT lower('ÄB'), 'a' > 'B', current_setting('server_encoding')").fetchone()

    assert row == ("äb", True, "UTF8")


def test_nobody_else_may_enter_the_database_folder(tmp_path: Path) -> None:
    with running(tmp_path):
        mode = (tmp_path / "postgres").stat().st_mode & 0o777

    assert mode == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 25)
    data.mkdir()

    with running(data) as connection:
        folder = setting(connection, "unix_socket_directories")

    assert folder == str(embedded.socket_folder(data))
    assert len(str(folder)) <= 88
    assert embedded.socket_folder(data).stat().st_mode & 0o777 == 0o700


def test_what_was_written_is_there_after_the_starter_was_killed(tmp_path: Path) -> None:
    with running(tmp_path) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)

    # At once, while the orphan is on its way out.
    with running(tmp_path) as connection:
        row = connection.execute("SELECT n FROM kept").fetchone()

    assert killed.returncode == -signal.SIGKILL
    assert row == (7,)
    assert leftover.servers(tmp_path / "postgres") == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own lifeline")
def test_it_ends_with_a_starter_that_is_killed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)

    assert within(10, lambda: not leftover.servers(tmp_path / "postgres"))


def test_a_stale_mark_with_the_number_of_somebody_elses_process_is_no_obstacle(tmp_path: Path) -> None:
    with running(tmp_path):
        mark = (tmp_path / "postgres" / "postmaster.pid").read_text()
    stale = [str(os.getppid()), *mark.splitlines()[1:]]
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")

    with running(tmp_path) as connection:
        row = connection.execute("SELECT 1").fetchone()

    assert row == (1,)


def test_a_first_start_that_is_killed_takes_its_work_with_it_and_is_begun_anew(tmp_path: Path) -> None:
    first = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    assert within(20, lambda: any(initialisers(tmp_path)))

    first.kill()
    first.wait()

    assert within(0.5, lambda: not any(initialisers(tmp_path))) or psutil.MACOS
    with running(tmp_path) as connection:
        row = connection.execute("SELECT 1").fetchone()
    assert row == (1,)
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]


def test_a_first_start_that_is_not_wanted_any_more_leaves_nothing(tmp_path: Path) -> None:
    noticed: list[float] = []

    def is_wanted() -> bool:
        if any(initialisers(tmp_path)):
            noticed.append(time.monotonic())
        return not noticed

    with pytest.raises(PlimsollError):
        embedded.start(tmp_path, is_wanted=is_wanted)

    assert time.monotonic() - noticed[0] < 2
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")

    with running(tmp_path):
        assert not (tmp_path / "postgres.new").exists()


def test_a_folder_of_another_major_version_is_refused(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(BadSetting, match=r"was made by PostgreSQL 17; the bundled one is 18"):
        embedded.start(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused_by_name(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    os.chown(tmp_path / "postgres", 1, 1)

    with pytest.raises(BadSetting, match=r"belongs to the user daemon; run as daemon"):
        embedded.start(tmp_path)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(PlimsollError, match=r"did not start: .*no_such_setting"):
        embedded.start(tmp_path, options=("-c", "no_such_setting=1"))


def test_a_start_that_is_not_wanted_any_more_leaves_no_server(tmp_path: Path) -> None:
    with running(tmp_path):
        pass

    with pytest.raises(PlimsollError, match="was not ready in time"):
        embedded.start(tmp_path, is_wanted=lambda: False)

    assert leftover.servers(tmp_path / "postgres") == []
