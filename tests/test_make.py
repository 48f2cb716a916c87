"""`make` builds its environment once, also when two of them begin in one moment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# The first Python that make looks for: it tells when it makes an environment, and takes its time.
PYTHON = f"""#!/bin/sh
if [ "$1" = -m ]; then
    echo began >>made
    mkdir -p .venv/bin
    sleep 1
    printf '#!/bin/sh\\necho "$@" >>asked\\n' >.venv/bin/python
    chmod +x .venv/bin/python
    echo ended >>made
else
    exec {sys.executable} "$@"
fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with a Makefile, what it reads, and the Python that it finds."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    python = tmp_path / "bin" / "python3.14"
    python.parent.mkdir()
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def makes(checkout: Path, *targets: str) -> list[int]:
    """Make each target at once, in a process of its own; return their exit codes."""
    environment = os.environ | {"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"}
    began = [subprocess.Popen(["make", target], cwd=checkout, env=environment) for target in targets]
    return [each.wait(30) for each in began]


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


def test_two_makes_at_once_take_turns_and_make_one_environment(checkout: Path) -> None:
    codes = makes(checkout, ".venv/installed", ".venv/installed")

    assert codes == [0, 0]
    assert lines(checkout / "made") == ["began", "ended"]


def test_the_tests_need_more_and_leave_the_environment_of_those_who_run_on_it(checkout: Path) -> None:
    makes(checkout, ".venv/installed")
    (checkout / ".venv" / "in-use").touch()

    codes = makes(checkout, ".venv/tested", ".venv/tested")

    assert codes == [0, 0]
    assert (checkout / ".venv" / "in-use").exists()
    assert sum("-r requirements-dev.txt" in line for line in lines(checkout / "asked")) == 1


@pytest.mark.parametrize(
    ("target", "changed"), [(".venv/installed", "requirements.txt"), (".venv/tested", "requirements-dev.txt")]
)
def test_a_changed_lock_means_a_new_environment(checkout: Path, target: str, changed: str) -> None:
    makes(checkout, target)
    (checkout / ".venv" / "old").touch()
    later = (checkout / target).stat().st_mtime + 1
    os.utime(checkout / changed, (later, later))

    codes = makes(checkout, target)

    assert codes == [0]
    assert not (checkout / ".venv" / "old").exists()


def test_what_could_not_be_installed_is_not_called_so(checkout: Path) -> None:
    python = checkout / "bin" / "python3.14"
    python.write_text(PYTHON.replace('echo "$@" >>asked', "exit 3"))

    codes = makes(checkout, ".venv/installed")

    assert codes == [2]
    assert lines(checkout / "made") == ["began", "ended"]
    assert not (checkout / ".venv" / "installed").exists()
