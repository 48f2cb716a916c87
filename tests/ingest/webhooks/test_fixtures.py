"""Every sample delivery gives exactly its expected records: signed, posted, normalised and read back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.webhooks.builders import matches, normalised, outcomes, records, sender

ROOT = Path(__file__).resolve().parents[3]
OWN = ROOT / "tests" / "payloads"
# The bodies that were copied from elsewhere are not part of this repository; they are used where they are at hand.
SHARED = ROOT.parent / "shared" / "fixtures" / "webhooks"
PROVIDERS = ("alertmanager", "github")

_SETTINGS = re.compile(r"settings (\{.*?\})(?=;|$)")


def _samples() -> list[Any]:
    own = {
        f"{path.parent.name}/{path.stem}": path for name in PROVIDERS for path in sorted((OWN / name).glob("*.json"))
    }
    shared = {
        f"{path.parent.name}/{path.stem}": path for name in PROVIDERS for path in sorted((SHARED / name).glob("*.json"))
    }
    found = [pytest.param(path, id=name) for name, path in sorted((shared | own).items())]
    missing = pytest.param(None, id="copied-samples", marks=pytest.mark.skip(reason="the shared fixtures are not here"))
    return found if shared else [*found, missing]


@pytest.mark.django_db
@pytest.mark.parametrize("path", _samples())
def test_a_sample_gives_exactly_its_expected_records(path: Path) -> None:
    sample = json.loads(path.read_text(encoding="utf-8"))
    settings = _SETTINGS.search(sample.get("note", ""))
    ci = sender(sample["provider"], json.loads(settings[1]) if settings else None)
    headers = {name: value for name, value in sample["headers"].items() if "<" not in value}

    answer = ci.send(sample["body"], headers)
    normalised()

    assert answer.status == (200 if sample["event"] == "ping" else 202)
    shown = records()
    assert len(shown) == len(sample["expected"]), outcomes()
    for expected in sample["expected"]:
        assert sum(matches(record, expected) for record in shown) == 1, (expected, shown)
    assert outcomes()[0][0] == ("applied" if sample["expected"] else "ignored")


@pytest.mark.django_db
def test_a_sample_that_is_delivered_again_changes_nothing() -> None:
    sample = json.loads((OWN / "github" / "deployment_status_failure_attempt_1.json").read_text(encoding="utf-8"))
    ci = sender("github")
    ci.send(sample["body"], sample["headers"])
    normalised()
    before = records()

    same = ci.send(sample["body"], sample["headers"])
    again = ci.send(sample["body"], sample["headers"] | {"X-GitHub-Delivery": "another"})
    normalised()

    assert (same.status, same.body) == (200, {"status": "duplicate"})
    assert again.status == 202
    assert records() == before
