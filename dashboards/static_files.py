"""Style sheets, scripts and pictures: collected once with hashed names, served by the web process itself.

What others wrote comes from the installed packages: nothing of it is kept here.
"""

import fcntl
import hashlib
import json
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from plimsoll.errors import PlimsollError

OWN = Path(__file__).resolve().parent / "static"


def _package(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise PlimsollError(f"The package {name} is missing; install Plimsoll again from its locked requirements.")
    return Path(found.origin).parent


# Name under which it is served: the folder it is in, and the file.
INSTALLED: Mapping[str, tuple[Callable[[], Path], str]] = {
    "htmx/htmx.js": (lambda: _package("django_htmx") / "static" / "django_htmx", "htmx-2.min.js"),
    "plotly/plotly.js": (lambda: _package("plotly") / "package_data", "plotly.min.js"),
}


class Finder(BaseFinder):
    """Finds our own files, and the few that we serve of installed packages."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Have nothing to complain about: there are no settings."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where the file is, or nothing."""
        found = _location(path)
        if found is None:
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        """Yield every file's name and what reads it."""
        own = FileSystemStorage(location=OWN)
        for file in sorted(OWN.rglob("*")):
            if file.is_file():
                yield file.relative_to(OWN).as_posix(), own
        for name, (folder, file_name) in INSTALLED.items():
            yield name, _Renamed(folder(), file_name)


class _Renamed(FileSystemStorage):
    """One file of a package, read under the name it is served by."""

    def __init__(self, folder: Path, file_name: str) -> None:
        super().__init__(location=folder)
        self._file_name = file_name

    def path(self, name: str) -> str:
        return super().path(self._file_name)


def _location(path: str) -> Path | None:
    if path in INSTALLED:
        folder, file_name = INSTALLED[path]
        return folder() / file_name
    own = (OWN / path).resolve()
    return own if own.is_relative_to(OWN) and own.is_file() else None


class _Brisk(Compressor):  # type: ignore[misc]
    """Brotli's last two levels save a tenth at 25 times the time: 10 s for plotly.js, 0.3 s for all of ours."""

    _LARGE = 500_000

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=9 if len(data) > _Brisk._LARGE else 11)
        return compressed


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with a hash of what is in them, so that browsers may keep a file for a year."""

    keep_only_hashed_files = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return what compresses each file, once."""
        return _Brisk(**kwargs)


def collect() -> None:
    """Bring the served folder up to date, unless it is; processes that start together take turns."""
    root = Path(settings.STATIC_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.parent / ".static.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = root / ".collected", _stamp()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        shutil.rmtree(root, ignore_errors=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)


def _stamp() -> str:
    """Return what tells one state of the files from another."""
    names = sorted({name for name, _ in Finder().list(None)})
    seen = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name in names if (path := _location(name))]
    return hashlib.sha256(json.dumps([str(OWN), seen]).encode()).hexdigest()


@lru_cache(maxsize=1)
def map_style_hash() -> str:
    """Return the policy's hash of the style sheet that plotly.js adds for its maps: read from the installed bundle, so
    that an upgrade cannot break the policy unseen (ux, section 6).
    """
    script = (_location("plotly/plotly.js") or Path()).read_text(encoding="utf-8")
    found = re.search(r"""\.textContent=(['"])(\.maplibregl-map\{.*?)(?<!\\)\1""", script, re.DOTALL)
    if found is None:
        return ""
    return "sha256-" + b64encode(hashlib.sha256(found[2].encode()).digest()).decode()


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, quiet on an event loop and without a folder of collected files."""

    def add_files(self, root: str | Path, prefix: str | None = None) -> None:
        """Add a folder; one that does not exist has no files, which is no reason for a warning."""
        if Path(root).is_dir():
            super().add_files(root, prefix=prefix)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Answer with the file in one piece: a file that is read in pieces would block the event loop."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        if found.file is not None:
            # WhiteNoise looked at the file when the process started; it may have been replaced since.
            response["Content-Length"] = str(len(content))
        return response
