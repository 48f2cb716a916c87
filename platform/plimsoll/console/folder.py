"""The data folder: whether it can be used, and whose it is at the moment.

The lock is the kernel's (flock): it goes with the process that holds it, however that ends. The file says who holds it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from plimsoll.errors import BadSetting

# Commands that need the folder for moments only; whoever comes next waits for them.
_PATIENCE_S = 30.0


class InUse(BadSetting):
    """Somebody else uses the data folder and will go on doing so."""


@contextmanager
def locked(data: Path, holder: str, *, is_lasting: bool) -> Iterator[None]:
    """Hold the folder's lock, and make the folder if need be.

    Raises InUse when another command holds it that lasts (`is_lasting`), such as `up`, and BadSetting when files cannot
    be written into it.
    """
    descriptor = _opened(data)
    try:
        _take(descriptor, data)
        _sign(descriptor, f"{os.getpid()}\t{holder}\t{'lasting' if is_lasting else 'short'}\n")
        yield
        _sign(descriptor, "")
    finally:
        # Closing lets go of the lock.
        os.close(descriptor)


def _opened(data: Path) -> int:
    """Return the open file of the folder's lock."""
    probe = data / f".plimsoll-probe-{os.getpid()}"
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
        return os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadSetting(
            f"The data folder {data} cannot be written ({error.strerror}); choose another with --data or PLIMSOLL_DATA."
        ) from error


def _take(descriptor: int, data: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, holder, kind = (os.pread(descriptor, 200, 0).decode().strip() or "0\t?\tshort").split("\t")
            # Between taking and signing it says nothing, or what somebody wrote who was killed; that is short, too.
            is_lasting = kind == "lasting" and psutil.pid_exists(int(pid))
            if is_lasting or time.monotonic() > deadline:
                raise InUse(
                    f"The data folder {data} is in use by `plimsoll {holder}` (process {pid}); stop that, or choose "
                    "another folder with --data or PLIMSOLL_DATA."
                ) from None
            time.sleep(0.05)
        else:
            return


def _sign(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
