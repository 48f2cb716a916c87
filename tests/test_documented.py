"""What is there is written down (style, "Tests")."""

import re
from pathlib import Path

import pytest

from plimsoll.console import COMMANDS
from plimsoll.store.catalog_file.reading import read

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def settings() -> list[str]:
    """Return the names of all settings that the code reads from the environment."""
    sources = [
        path.read_text() for folder in ("platform", "ingest", "dashboards") for path in (ROOT / folder).rglob("*.py")
    ]
    read = re.compile(r"env\.\w+\(\s*\"(PLIMSOLL_\w+)\"")
    return sorted({name for source in sources for name in read.findall(source)})


@pytest.mark.parametrize("name", settings())
def test_a_setting_has_its_row_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


def test_the_settings_were_found() -> None:
    assert "PLIMSOLL_DATABASE_URL" in settings()


@pytest.mark.parametrize("command", ["make demo", "make test", "make up", *(f"plimsoll {name}" for name in COMMANDS)])
def test_a_command_is_in_the_readme(command: str) -> None:
    assert f"`{command}" in README or f"\n{command} " in README


def test_the_catalog_of_the_readme_would_be_applied() -> None:
    example = README.split("```yaml\norganisation:")[1].split("```")[0]

    kinds = {entry.kind for entry in read(b"organisation:" + example.encode(), "README.md")}

    assert kinds == {"organisation", "team", "service", "mark", "shift"}


def test_the_pictures_of_the_readme_are_there() -> None:
    names = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

    assert len(names) == 3
    assert [name for name in names if not (ROOT / name).read_bytes().startswith(b"\x89PNG")] == []


def test_each_direct_dependency_has_its_reason() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    block = pyproject.split("dependencies = [")[1].split("]\n\n")[0]
    names = [name.casefold() for name in re.findall(r'^    "([A-Za-z0-9-]+)', block, re.MULTILINE)]
    table = README.split("| package | why |")[1].casefold()

    assert [name for name in names if name not in table] == []
