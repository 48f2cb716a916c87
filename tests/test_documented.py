"""What is there is written down (style, "Tests")."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "command",
    [
        "make demo",
        "make test",
        "plimsoll token new",
        "plimsoll source add",
        "plimsoll team add",
        "plimsoll drain",
        "plimsoll check",
    ],
)
def test_a_command_is_in_the_readme(command: str) -> None:
    assert command in README


def test_each_direct_dependency_has_its_reason() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    block = pyproject.split("dependencies = [")[1].split("]\n\n")[0]
    names = [name.casefold() for name in re.findall(r'^    "([A-Za-z0-9-]+)', block, re.MULTILINE)]
    table = README.split("| package | why |")[1].casefold()

    assert [name for name in names if name not in table] == []
