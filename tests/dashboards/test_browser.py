"""A real browser has nothing to complain about: neither about the policy nor about anything else."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.dashboards import builders

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0"),
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine"),
]


def complaints(address: str, folder: Path, size: str = "1920,1080") -> list[str]:
    """What the browser writes to its console while it shows a page; the picture is left in the folder."""
    assert CHROMIUM is not None
    shown = subprocess.run(
        [
            *(CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={size}"),
            *("--hide-scrollbars", f"--screenshot={folder / 'page.png'}", address),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (folder / "page.png").stat().st_size > 10_000
    return [line for line in shown.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_board_is_drawn_without_a_complaint(address: str, settings: Settings, tmp_path: Path, theme: str) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    now = timezone.now()
    builders.deployment("<b>ledger</b>", "payments", failed=True, finished_at=now - timedelta(days=1))
    builders.incident("ledger", title="<script>alert(1)</script>", severity="SEV 2")

    assert complaints(f"{address}/wall/all/?theme={theme}", tmp_path) == []


def test_an_empty_board_is_drawn_without_a_complaint(address: str, settings: Settings, tmp_path: Path) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    assert complaints(f"{address}/wall/all/", tmp_path) == []
