"""Which providers there are, and what their code may depend on."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.webhooks import OWN, providers

PLUGIN = """
from dataclasses import replace
from ingest.webhooks.generic import GENERIC
OURS = replace(GENERIC, name="house_ci")
IMPOSTOR = replace(GENERIC, name="github")
"""


def test_every_provider_of_ours_is_known_by_its_name() -> None:
    assert {provider.name for provider in OWN} == {"alertmanager", "generic", "github"}
    assert all(providers()[provider.name] is provider for provider in OWN)


def test_a_package_brings_a_provider_but_replaces_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house_hooks.py").write_text(PLUGIN)
    info = tmp_path / "house_hooks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-hooks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[plimsoll.webhooks]\nhouse_ci = house_hooks:OURS\ngithub = house_hooks:IMPOSTOR\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    providers.cache_clear()

    known = providers()

    providers.cache_clear()
    assert set(known) == {"alertmanager", "generic", "github", "house_ci"}
    assert known["github"] in OWN


def test_reading_a_delivery_needs_no_django() -> None:
    code = "import ingest.webhooks, sys; print(sorted(name for name in sys.modules if name.startswith('django')))"
    root = Path(__file__).resolve().parents[3]

    out = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = ['platform', '.']; {code}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert out.strip() == "[]"
