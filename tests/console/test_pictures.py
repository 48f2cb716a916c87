"""Pictures are taken of a demo that runs, and whoever has no browser or no demo is told so."""

import os
import shutil
import socket
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from plimsoll.console.pictures import BROWSERS, Picture, pictures, taken
from plimsoll.errors import PlimsollError
from tests.console.installation import command_environment
from tests.dashboards import builders
from tests.dashboards.conftest import address

__all__ = ["address"]

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)


def said(folder: Path, *arguments: str, path: str | None = None) -> tuple[int, str]:
    environment = command_environment(folder) | ({"PATH": path} if path is not None else {})
    ended = subprocess.run(
        [sys.executable, "-m", "plimsoll", "pictures", str(folder / "pictures"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_without_a_browser_it_says_how_to_get_one(tmp_path: Path) -> None:
    code, words = said(tmp_path, path=str(tmp_path))

    assert code == 1
    assert words.startswith("plimsoll: Pictures need Chromium, and none of chromium, chromium-browser, google-chrome")


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_without_a_demo_it_says_how_to_start_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
    code, words = said(tmp_path, "--demo", f"http://127.0.0.1:{port}")

    assert code == 1
    assert "start one with `plimsoll demo`" in words


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_a_page_is_taken_at_its_size_in_both_themes(address: str, settings: Settings, tmp_path: Path) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    now = timezone.now()
    builders.deployment("ledger", "payments", failed=True, finished_at=now - timedelta(hours=3))
    last = builders.deployment("ledger", "payments", failed=True, finished_at=now - timedelta(hours=1))
    builders.deployment("ledger", "payments", failed=False, finished_at=now)
    assert CHROMIUM is not None

    wanted = pictures(address)
    files = [
        taken(CHROMIUM, address, Picture("list", "/deployments/", (800, 600)), theme, tmp_path)
        for theme in ("light", "dark")
    ]

    assert wanted[2].path == f"/deployments/{last.pk}/"
    assert [file.name for file in files] == ["list-light.png", "list-dark.png"]
    # Width and height stand after eight bytes of signature and eight of the first chunk's head.
    assert [struct.unpack(">II", file.read_bytes()[16:24]) for file in files] == [(800, 600), (800, 600)]
    assert files[0].read_bytes() != files[1].read_bytes()


@pytest.mark.django_db(transaction=True)
def test_no_picture_is_taken_of_a_page_that_is_not_there(address: str, settings: Settings, tmp_path: Path) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    with pytest.raises(PlimsollError, match="HTTP 404"):
        taken("no browser is asked", address, Picture("gone", "/deployments/0/", (800, 600)), "dark", tmp_path)
    assert not list(tmp_path.iterdir())
