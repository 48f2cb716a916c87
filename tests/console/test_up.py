"""`plimsoll up` on a real machine: it starts, it mends itself, and it ends whole."""

import re
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from plimsoll.console import run
from tests.console.installation import ANY_PORTS, Installation, fixed_ports, plimsoll, within

pytestmark = pytest.mark.skipif(psutil.MACOS, reason="processes are counted by their environment")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def shared(data: Path) -> Iterator[Installation]:
    """One installation for the tests that leave it as they found it."""
    installation = Installation(data)
    try:
        yield installation.wait_ready()
    finally:
        installation.clean_up()


def kill(process: psutil.Process) -> None:
    process.kill()
    assert within(5, lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_it_shows_one_line_for_each_part_and_then_ready(shared: Installation) -> None:
    first, *parts, last = [line for line in shared.lines if "started again" not in line and "▲" not in line][:7]

    assert first == f"Plimsoll 0.1.0   data: {shared.data}   (Ctrl-C stops)"
    assert [line.split()[:2] for line in parts[:2]] == [["●", "database"], ["●", "schema"]]
    assert sorted(line.split()[1] for line in parts[2:]) == ["jobs", "otlp", "web"]
    assert last == "ready"


def test_the_first_person_is_let_in_by_the_link_that_is_printed(data: Path, shared: Installation) -> None:
    web = next(line for line in shared.lines if " web " in line and "started again" not in line)
    address = re.fullmatch(r" ● web        (\S+)   first sign-in link, valid 15 min: (\S+)", web)

    assert address is not None, web
    assert address[2].startswith(f"{address[1]}/setup/?t=")
    with urllib.request.urlopen(address[2]) as answer:
        assert "Welcome aboard" in answer.read().decode()


def test_every_part_is_up(shared: Installation) -> None:
    assert shared.readiness() == {"database": "up", "schema": "up", "receiver": "up", "worker": "up"}


def test_a_second_one_on_the_same_folder_is_refused_in_one_sentence(shared: Installation) -> None:
    second = plimsoll(shared.data, "up", **ANY_PORTS)

    assert second.returncode == 2
    assert second.stdout == ""
    assert second.stderr == (
        f"plimsoll: The data folder {shared.data} is in use by `plimsoll up` (process {shared.process.pid}); stop "
        "that, or choose another folder with --data or PLIMSOLL_DATA.\n"
    )


@pytest.mark.parametrize(
    ("setting", "flag"), [("PLIMSOLL_WEB", "--web"), ("PLIMSOLL_OTLP_GRPC", "--otlp-grpc")], ids=["web", "otlp"]
)
def test_a_busy_port_is_one_line_that_names_the_address_and_the_setting(
    tmp_path: Path, setting: str, flag: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"

        said = plimsoll(tmp_path, "up", **{**ANY_PORTS, setting: address})

    assert said.returncode == 2
    assert said.stderr == (
        f"plimsoll: {address} is in use; free it, or choose another address with {flag} or {setting}.\n"
    )
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_one_address_for_both_servers_is_one_line(tmp_path: Path, host: str) -> None:
    port = fixed_ports()["PLIMSOLL_WEB"].rpartition(":")[2]

    said = plimsoll(tmp_path, "up", PLIMSOLL_WEB=f"{host}:{port}", PLIMSOLL_OTLP_GRPC=f"127.0.0.1:{port}")

    assert said.returncode == 2
    assert said.stderr == (
        f"plimsoll: {host}:{port} is where PLIMSOLL_OTLP_GRPC listens; choose another address with --web or "
        "PLIMSOLL_WEB.\n"
    )
    assert not (tmp_path / "postgres").exists()


def test_a_database_folder_that_is_read_only_is_one_line(tmp_path: Path) -> None:
    plimsoll(tmp_path, "migrate")
    (tmp_path / "postgres").chmod(0o500)

    said = plimsoll(tmp_path, "up", **ANY_PORTS)

    assert said.returncode == 2
    assert said.stderr == (
        f"plimsoll: The database folder {tmp_path}/postgres is not writable; make it so (chmod 700), or choose another "
        "with --data or PLIMSOLL_DATA.\n"
    )


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = plimsoll(tmp_path / "file" / "data", "up")

    assert said.returncode == 2
    assert said.stderr == (
        f"plimsoll: The data folder {tmp_path}/file/data cannot be written (Not a directory); choose another with "
        "--data or PLIMSOLL_DATA.\n"
    )


@pytest.mark.parametrize(("command", "part"), [("web", "web"), ("receive", "otlp"), ("work", "jobs")])
def test_a_part_that_is_killed_is_started_again(shared: Installation, command: str, part: str) -> None:
    killed = shared.part(command)

    kill(killed)

    assert within(30, lambda: any(f" {part} " in line and "(started again)" in line for line in shared.lines))
    assert within(30, shared.is_well)
    assert shared.part(command).pid != killed.pid
    assert shared.shown(f"▲ {part:<10} was ended by SIGKILL; starting again in 0.5 s")


def test_a_database_that_is_killed_is_started_again(shared: Installation) -> None:
    server = next(
        each for each in shared.members() if each.info["name"] == "postgres" and each.info["ppid"] == shared.process.pid
    )

    kill(server)

    assert within(30, lambda: shared.shown("▲ database   was ended by SIGKILL; starting again in 0.5 s"))
    assert within(30, shared.is_well)


def test_a_worker_of_the_pool_that_is_killed_is_replaced(shared: Installation) -> None:
    cluster = shared.part("work").children()[0]
    before = {each.pid for each in cluster.children()}

    kill(cluster.children()[0])

    assert within(15, lambda: len(cluster.children()) == len(before) and before != {c.pid for c in cluster.children()})
    assert within(15, shared.is_well)


def test_after_sigkill_the_next_starts_at_once_on_the_same_folder_and_ports(data: Path, shared: Installation) -> None:
    ports = {"PLIMSOLL_WEB": shared.address("web"), "PLIMSOLL_OTLP_GRPC": shared.address("otlp")}

    shared.signal(signal.SIGKILL)
    shared.process.wait()
    began = time.monotonic()
    again = Installation(data, **ports)
    try:
        again.wait_ready()
        took = time.monotonic() - began
        began_at = psutil.Process(again.process.pid).create_time()
        left = [each for each in again.members() if each.create_time() < began_at]

        assert took < 20
        assert left == []
        assert again.is_well()

        asked = time.monotonic()
        assert again.end() == 0
        assert time.monotonic() - asked < 10
        assert again.members() == []
    finally:
        again.clean_up()


@pytest.mark.parametrize("moment", [0.2, 1.0, 2.5])
def test_sigterm_while_it_starts_ends_it_too(tmp_path: Path, moment: float) -> None:
    installation = Installation(tmp_path)
    try:
        time.sleep(moment)

        asked = time.monotonic()
        code = installation.end()

        assert time.monotonic() - asked < 10
        assert code in (0, -signal.SIGTERM) if moment < 0.5 else code == 0
        assert within(5, lambda: installation.members() == [])
    finally:
        installation.clean_up()


def test_ctrl_c_twice_ends_it_without_waiting(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    try:
        installation.wait_ready()

        asked = time.monotonic()
        installation.signal(signal.SIGINT)
        time.sleep(0.1)
        installation.signal(signal.SIGINT)
        code = installation.process.wait(10)

        assert code == 0
        assert time.monotonic() - asked < 3
        assert within(5, lambda: installation.members() == [])
    finally:
        installation.clean_up()


def test_parts_that_do_not_hear_sigterm_are_ended_within_the_promised_time(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    try:
        installation.wait_ready()
        # What is stopped hears nothing but SIGKILL: the longest that each part can take, and the database after them.
        server = psutil.Process(int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0]))
        for process in (*(installation.part(command) for command in ("receive", "web", "work")), server):
            process.suspend()

        asked = time.monotonic()
        code = installation.end()

        assert code == 0
        assert 8 < time.monotonic() - asked < 10
        assert within(5, lambda: installation.members() == [])
    finally:
        installation.clean_up()


def test_a_part_that_refuses_its_settings_ends_all_with_exit_code_2(tmp_path: Path) -> None:
    said = plimsoll(tmp_path, "up", **ANY_PORTS, PLIMSOLL_TIME_ZONE="Mars/Olympus")

    assert said.returncode == 2
    assert said.stderr == "plimsoll: PLIMSOLL_TIME_ZONE='Mars/Olympus' is not a time zone, for example Europe/Berlin.\n"


@pytest.mark.parametrize("command", [("up",), ("check",)])
@pytest.mark.parametrize(
    "url",
    [
        "garbage",
        "mysql://me:secret@127.0.0.1/x",
        "postgresql://me:secret@127.0.0.1:notaport/x",
        "postgresql://me:secret@127.0.0.1:99999/x",
        "postgresql://me:se/cret@127.0.0.1/x",
        "postgresql://me:secret@[::1/x",
        "postgresql://me:secret@127.0.0.1/x?nonsense=1",
    ],
)
def test_a_database_url_that_is_none_is_one_line_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], url: str
) -> None:
    monkeypatch.setenv("PLIMSOLL_DATABASE_URL", url)
    monkeypatch.setenv("PLIMSOLL_DATA", str(tmp_path))

    code = run(list(command))

    assert code == 2
    assert capsys.readouterr() == (
        "",
        "plimsoll: PLIMSOLL_DATABASE_URL is not postgresql://USER:PASSWORD@HOST:PORT/NAME; write special characters in "
        "the password as %40 and the like.\n",
    )


def test_an_address_that_is_not_of_this_machine_is_one_line(tmp_path: Path) -> None:
    said = plimsoll(tmp_path, "up", **ANY_PORTS | {"PLIMSOLL_WEB": "192.0.2.1:8000"})

    assert said.returncode == 2
    assert said.stderr == (
        "plimsoll: 192.0.2.1:8000 cannot be listened on (Cannot assign requested address); choose another address with "
        "--web or PLIMSOLL_WEB.\n"
    )


def test_a_database_elsewhere_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    said = plimsoll(tmp_path, "up", **ANY_PORTS, PLIMSOLL_DATABASE_URL="postgresql://127.0.0.1:1/none")

    assert said.returncode == 1
    assert said.stderr.startswith("plimsoll: The database 127.0.0.1:1/none does not answer: ")
    assert said.stderr.count("\n") == 1
