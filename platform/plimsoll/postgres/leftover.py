"""A server that an earlier, killed supervisor left behind, and its stale marks."""

import contextlib
import signal
import time
from itertools import pairwise
from pathlib import Path

import psutil

from plimsoll.errors import PlimsollError

# Orderly (fast shutdown), then at once (the next start recovers), then by force: seconds to wait for each.
_STEPS = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def clear(folder: Path) -> None:
    """Wait for a leftover server of this folder to end, and remove its stale postmaster.pid.

    Only whoever holds the data folder's lock may call this: then no living supervisor owns the server. Such a server is
    ending already on Linux (`lifeline`); elsewhere it has to be told.
    """
    mark = folder / "postmaster.pid"
    if not mark.exists() and not servers(folder):
        return
    for how, wait_s in _STEPS:
        if _gone(folder, how, wait_s):
            # Nobody works on the folder, so whoever has the process id in this file is somebody else.
            mark.unlink(missing_ok=True)
            return
    raise PlimsollError(
        f"The database in {folder} still runs (process {servers(folder)[0].pid}) and cannot be stopped."
    )


def servers(folder: Path) -> list[psutil.Process]:
    """Return the PostgreSQL processes that work on the folder, the postmaster and its children."""
    return [process for process in psutil.process_iter() if _works_on(process, folder)]


def _works_on(process: psutil.Process, folder: Path) -> bool:
    try:
        command = process.cmdline()
        # The server from its first moment on; its children have other names, and all change into the folder.
        if ("-D", str(folder)) in pairwise(command):
            return True
        return process.name().startswith("postgres") and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False


def _gone(folder: Path, how: signal.Signals, wait_s: float) -> bool:
    """Whether no server works on the folder within the time, after a signal to its postmaster."""
    found = servers(folder)
    mine = {process.pid for process in found}
    for process in found:
        with contextlib.suppress(psutil.Error):
            if process.ppid() not in mine or how == signal.SIGKILL:
                process.send_signal(how)
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if not servers(folder):
            return True
        time.sleep(0.05)
    return False
