"""`plimsoll pictures`: the pictures of the README, taken of a running demo by the browser of this machine."""

import argparse
import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from plimsoll.console.options import Subparsers
from plimsoll.errors import PlimsollError

THEMES: Final = ("light", "dark")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-GB"),
)
# Blink's own names of the two themes.
_SCHEME: Final = {"dark": 0, "light": 1}
_PATIENCE_S: Final = 60
# A picture of nothing but background is smaller than this.
_LEAST_BYTES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What is taken: the name of the file, the address, and the size of the window."""

    name: str
    path: str
    size: tuple[int, int]


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("pictures", help="take the README's pictures of a running demo")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the pictures go; those of before are replaced")
    parser.add_argument(
        "--demo", metavar="URL", default="http://localhost:8000", help="where the demo runs (http://localhost:8000)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Take every picture in both themes, and print the files."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise PlimsollError(
            f"Pictures need Chromium, and none of {', '.join(BROWSERS)} is on the PATH; "
            "on Debian: apt-get install chromium."
        )
    demo = options.demo.rstrip("/")
    options.folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures(demo):
        for theme in THEMES:
            print(taken(browser, demo, picture, theme, options.folder))
    return 0


def pictures(demo: str) -> list[Picture]:
    """Return what is taken of a demo; its deployment is the latest that failed in production."""
    return [
        Picture("wallboard", "/wall/all/?rotate=0&theme={theme}", (1920, 1080)),
        Picture("topology", "/topology/", (1440, 900)),
        Picture("deployment", f"/deployments/{_failed(demo)}/", (1440, 1100)),
    ]


def _failed(demo: str) -> str:
    """Return the number of the latest deployment that failed."""
    since = (datetime.now(UTC) - timedelta(days=14)).isoformat(timespec="seconds")
    query = urlencode({"failed": "true", "environment_class": "production", "from": since, "page_size": 200})
    url = f"{demo}/api/v1/deployments/?{query}"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            found = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as error:
        why = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(error)
        raise PlimsollError(
            f"{demo} does not answer as a demo does ({why}); start one with `plimsoll demo`, or name its address "
            "with --demo."
        ) from error
    if not found:
        raise PlimsollError(
            f"No deployment of the last 14 days has failed at {demo}; is it a demo that has its history?"
        )
    return str(max(found, key=lambda each: each["finished_at"] or "")["id"])


def _require(url: str) -> None:
    """Raise PlimsollError when a page does not answer as it should: nobody wants a picture of that."""
    try:
        urllib.request.urlopen(url, timeout=30).close()
    except OSError as error:
        why = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(error)
        raise PlimsollError(f"There is no picture to take of {url}: {why}.") from error


def taken(browser: str, demo: str, picture: Picture, theme: str, folder: Path) -> Path:
    """Take one picture and return its file."""
    _require(demo + picture.path.format(theme=theme))
    file = folder / f"{picture.name}-{theme}.png"
    file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="plimsoll-pictures-") as profile:
        command = [
            *(browser, *_FLAGS, f"--user-data-dir={profile}", f"--window-size={picture.size[0]},{picture.size[1]}"),
            *(f"--blink-settings=preferredColorScheme={_SCHEME[theme]}", f"--screenshot={file.resolve()}"),
            demo + picture.path.format(theme=theme),
        ]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise PlimsollError(f"{demo + picture.path} was not drawn within {_PATIENCE_S} s.") from error
    if ended.returncode or not file.exists() or file.stat().st_size < _LEAST_BYTES:
        said = next(iter(ended.stderr.strip().splitlines()[-1:]), f"exit code {ended.returncode}")
        raise PlimsollError(f"Chromium took no picture of {demo + picture.path}: {said}")
    return file
