"""The house stands as it was drawn (architecture, section 1)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_platform_is_a_folder_and_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_the_standard_librarys_platform_is_not_hidden_from_the_root() -> None:
    code = "import platform; print(platform.python_version())"

    version = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert version.strip() == ".".join(map(str, sys.version_info[:3]))


def test_a_checkout_runs_commands_without_being_installed() -> None:
    # -S: not even the packages of this environment, among which we are.
    command = [sys.executable, "-S", "manage.py", "version"]

    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "0.1.0\n"
