"""Every sample delivery gives exactly its expected records: signed, posted, normalised and read back."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.ingest.webhooks.builders import MODELS, matches, normalised, outcomes, records, sender

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


def _all_samples() -> list[dict[str, Any]]:
    folders = [SHARED if (SHARED / name).is_dir() else OWN for name in PROVIDERS]
    paths = [
        path for folder, name in zip(folders, PROVIDERS, strict=True) for path in sorted((folder / name).glob("*"))
    ]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.suffix == ".json"]


def _delivered(samples: list[dict[str, Any]], name: str) -> None:
    """Send the samples to sources of their own, one with the settings of all, and normalise them at any moment."""
    random = Random(name)
    settings: dict[str, dict[str, object]] = {provider: {} for provider in PROVIDERS}
    for sample in samples:
        if found := _SETTINGS.search(sample.get("note", "")):
            settings[sample["provider"]] |= json.loads(found[1])
    senders = {provider: sender(provider, settings[provider], name=name) for provider in PROVIDERS}
    for number, sample in enumerate(samples):
        headers = {key: value for key, value in sample["headers"].items() if "<" not in value}
        if "X-GitHub-Delivery" in headers:
            headers["X-GitHub-Delivery"] = f"{name}-{number}"
        senders[sample["provider"]].send(sample["body"], headers)
        if random.random() < 0.2:
            normalised()
    normalised()


def _comparable() -> list[dict[str, Any]]:
    """Return all records without what only says which row it is and when it was written."""
    passing = {"id", "source_id", "created_at", "updated_at", "service_id", "environment_id", "rollout_of_id"}
    passing |= {"caused_by_id"}
    return [{key: value for key, value in row.items() if key not in passing} for row in records()]


@pytest.mark.django_db
def test_all_samples_together_in_any_order_and_twice_give_the_same_records() -> None:
    samples = _all_samples()
    _delivered(samples, "in order")
    once = _comparable()
    orders = []
    for seed in range(3):
        for model in MODELS.values():
            model._default_manager.all().delete()
        shuffled = [*samples, *samples]
        Random(seed).shuffle(shuffled)
        _delivered(shuffled, f"order {seed}")
        orders.append(_comparable())

    assert {row["kind"] for row in once} >= {"deployment", "change", "incident"}
    assert orders == [once, once, once]


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
