"""No process outlives the one that started it, however that one ends.

On Linux the kernel does it (PR_SET_PDEATHSIG); elsewhere a thread looks every half second whether the parent is still
there. Imported by Python processes; run as a script, it puts the lifeline on and then becomes another program, which is
how PostgreSQL gets one. As a script it may use the standard library alone: it starts before anything is on the path.
"""

import ctypes
import os
import pwd
import signal
import sys
import threading
import time

# The process id that a child must find as its parent; set by whoever starts it.
PARENT = "PLIMSOLL_PARENT_PID"
_PR_SET_PDEATHSIG = 1


def hold(how: signal.Signals = signal.SIGKILL) -> None:
    """End this process with the signal `how` when its parent ends; end it now when the parent already has.

    Only in a process that was started with PARENT in its environment. What it forks holds on to it in the same way.
    """
    parent = os.environ.pop(PARENT, "")
    if parent:
        _hold(int(parent), how)
        hold_forks(how)


def hold_forks(how: signal.Signals = signal.SIGKILL) -> None:
    """End the processes forked from here on, and theirs, when their parent ends."""
    parents = [os.getpid()]

    def held() -> None:
        _hold(parents[-1], how)
        parents.append(os.getpid())

    if not _holds_forks:
        os.register_at_fork(after_in_child=held)
        _holds_forks.append(True)


_holds_forks: list[bool] = []


def _hold(parent: int, how: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(how))
    else:
        threading.Thread(target=_watch, args=(parent, how), daemon=True).start()
    # The parent may have ended before the lifeline was on.
    if os.getppid() != parent:
        os.kill(os.getpid(), how)


def _watch(parent: int, how: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), how)


def _become(how: str, user: str, program: str, *arguments: str) -> None:
    """Become another program as `user` (empty: as this user), to which the kernel sends `how` when the parent ends."""
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    # After the change of user, which clears it; exec keeps it.
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != int(os.environ.pop(PARENT)):
            return
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    _become(*sys.argv[1:])
