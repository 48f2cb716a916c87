"""Who owns the embedded server's files, and whether that user can reach them.

PostgreSQL refuses to run as root; for root it runs as the system user `pgserver`.
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from plimsoll.errors import BadSetting, PlimsollError

USER_FOR_ROOT = "pgserver"


def system_user() -> str:
    """Return the user that the server must run as, made when missing; empty for this very user."""
    if os.geteuid() != 0:
        return ""
    try:
        pwd.getpwnam(USER_FOR_ROOT)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", USER_FOR_ROOT], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise PlimsollError(
                f"PostgreSQL refuses to run as root, and the user {USER_FOR_ROOT} could not be made for it "
                f"({made.stderr.strip()}); run Plimsoll as another user."
            ) from None
    return USER_FOR_ROOT


def uid(user: str) -> int:
    """Return the id of the user that `system_user` named."""
    return pwd.getpwnam(user).pw_uid if user else os.geteuid()


def give(folder: Path, user: str) -> None:
    """Give a folder to the server's user and let nobody else in."""
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o700)


def open_path(folder: Path) -> None:
    """Let other users pass through to `folder`: the server's user must reach its programs and its data.

    Only what is missing, and only passing (x), never listing or reading.
    """
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def open_programs(folder: Path) -> None:
    """Let other users read and run PostgreSQL's programs, which a strict umask may have closed at installation."""
    open_path(folder)
    if (folder / "bin" / "postgres").stat().st_mode & 0o005 == 0o005 and folder.stat().st_mode & 0o005 == 0o005:
        return
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | 0o004 | (0o001 if path.is_dir() or mode & stat.S_IXUSR else 0))


def must_be_usable(folder: Path, user: str) -> None:
    """Raise BadSetting unless the server's user owns the folder and may write to it."""
    found = folder.stat()
    if found.st_uid != uid(user):
        owner = _name(found.st_uid)
        raise BadSetting(
            f"The database folder {folder} belongs to the user {owner}; run as {owner}, or choose another folder with "
            "--data or PLIMSOLL_DATA."
        )
    if found.st_mode & 0o700 != 0o700 or not _writable(folder):
        raise BadSetting(
            f"The database folder {folder} is not writable; make it so (chmod 700), or choose another with --data or "
            "PLIMSOLL_DATA."
        )


def _writable(folder: Path) -> bool:
    """Whether the file system takes a file; permissions alone do not tell, least of all to root."""
    probe = folder / ".plimsoll-probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"with id {user_id}"
