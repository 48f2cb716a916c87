"""Processes of this installation: how they are started, and how all of them end."""

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import psutil

from plimsoll.postgres import lifeline

Process = subprocess.Popen[bytes]


def spawn(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, output: int | None = None
) -> Process:
    """Start `python -m module`, in a session of its own; it dies with this process, however that ends.

    Only from the main thread: on Linux the child ends with the thread that started it.
    """
    return subprocess.Popen(
        command(module, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=output,
        env={
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": search_path(),
            **environment,
            lifeline.PARENT: str(os.getpid()),
        },
        start_new_session=True,
    )


def command(module: str, *arguments: str) -> list[str]:
    """Return the command of `python -m module` for which a file in the working folder is no module."""
    return [sys.executable, "-P", "-m", module, *arguments]


def search_path() -> str:
    """Return the PYTHONPATH of children: our packages, also when all there is is a checkout with a manage.py.

    The standard library comes first: a file beside our packages, such as numbers.py, must not hide one of its modules.
    """
    bases = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    standard = [
        sysconfig.get_path("stdlib", vars=bases),
        os.path.join(sysconfig.get_path("platstdlib", vars=bases), "lib-dynload"),
    ]
    specs = [find_spec(name) for name in ("plimsoll", "ingest")]
    ours = [str(Path(spec.origin).parent.parent) for spec in specs if spec and spec.origin]
    given = filter(None, [os.environ.get("PYTHONPATH")])
    return os.pathsep.join(dict.fromkeys([*standard, *ours, *given]))


def listens(process: Process, port: int) -> bool:
    """Whether this very process listens on a TCP port."""
    try:
        own = psutil.Process(process.pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in own)


def end(processes: Iterable[Process], how: signal.Signals) -> None:
    """Send a signal to processes; SIGKILL goes to all that they started, too."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if how == signal.SIGKILL:
                # The leader of a session that is gone may leave others in its group.
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)


def are_gone(processes: Iterable[Process]) -> bool:
    """Whether all of the processes have ended."""
    return all(process.poll() is not None for process in processes)


def wait(processes: Iterable[Process], seconds: float) -> bool:
    """Wait for processes to end; return whether all of them did."""
    deadline = time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    return are_gone(processes)
