"""The installation's own secret key, made once and kept in the data folder."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from plimsoll.errors import BadSetting

# Half of what is made; whatever is shorter was not made by us and is no secret.
_LEAST = 32


def kept(folder: Path) -> str:
    """Return the key of a data folder, made at the first call; whoever calls at the same moment gets the same one.

    Raises BadSetting when it cannot be read or made, and when the file holds none.
    """
    file = folder / "secret-key"
    try:
        if not file.exists():
            _make(file)
        key = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadSetting(f"{file} cannot be used: {error.strerror}; set PLIMSOLL_SECRET_KEY instead.") from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < _LEAST:
        raise BadSetting(
            f"{file} holds no key of at least {_LEAST} characters; bring back the file that was there, or remove it "
            "and set the secrets of all sources anew."
        )
    return key


def _make(file: Path) -> None:
    """Write a new key elsewhere and give it its name when it is durable: the first to do so decides."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, growing = tempfile.mkstemp(prefix="secret-key.", dir=file.parent)
    try:
        with os.fdopen(handle, "w") as writing:
            writing.write(secrets.token_urlsafe(48))
            writing.flush()
            os.fsync(handle)
        with suppress(FileExistsError):
            os.link(growing, file)
    finally:
        os.unlink(growing)
    _make_durable(file.parent)


def _make_durable(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
