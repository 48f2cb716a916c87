"""Processes of this installation: how they are started, and how all of them end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from plimsoll.postgres import lifeline

Process = subprocess.Popen[bytes]


def spawn(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, output: int | None = None
) -> Process:
    """Start `python -m module`, in a session of its own; it dies with this process, however that ends.

    Only from the main thread: on Linux the child ends with the thread that started it.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        env={
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": _source_roots(),
            **environment,
            lifeline.PARENT: str(os.getpid()),
        },
        start_new_session=True,
    )


def _source_roots() -> str:
    """Return where our packages lie, for children of an installation that is only a checkout with a manage.py."""
    specs = [find_spec(name) for name in ("plimsoll", "ingest")]
    roots = [str(Path(spec.origin).parent.parent) for spec in specs if spec and spec.origin]
    return os.pathsep.join([*dict.fromkeys(roots), *filter(None, [os.environ.get("PYTHONPATH")])])


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
