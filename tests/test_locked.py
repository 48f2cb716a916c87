"""Nothing but the lock files decides what is installed: each package in one version, with its hashes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Return package -> its line and how many hashes follow."""
    found: dict[str, tuple[str, int]] = {}
    package = ""
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("    --hash=sha256:"):
            found[package] = found[package][0], found[package][1] + 1
        elif line and not line.startswith("#"):
            package = re.split(r"[\[= ]", line)[0]
            found[package] = line, 0
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", each)[0].casefold() for each in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_is_locked_to_a_version_and_its_hashes(name: str) -> None:
    assert [package for package, (line, hashes) in locked(name).items() if "==" not in line or not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_direct_dependency_is_locked(name: str) -> None:
    wanted = names(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"])
    if name == "requirements-dev.txt":
        wanted |= names(PROJECT["dependency-groups"]["dev"])

    assert wanted - set(locked(name)) == set()


def test_what_runs_is_what_was_tested() -> None:
    runs, tested = (locked(name) for name in LOCKS)

    assert {package: line for package, (line, _) in runs.items() if tested.get(package, ("", 0))[0] != line} == {}
