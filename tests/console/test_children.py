"""Children run our code and Python's own, whatever lies in the folder that they are started from."""

import os
import subprocess
import sys
from pathlib import Path

from plimsoll.console import children

# A process that takes nothing from its working folder itself, starts one child, and ends with its exit code.
STARTED = """
import os, sys
from plimsoll.console import children

os.environ["PYTHONPATH"], module, *arguments = sys.argv[1:]
sys.exit(children.spawn(module, arguments, {}).wait(30))
"""


def started(folder: Path, module: str, *arguments: str, path: str = "") -> "subprocess.CompletedProcess[str]":
    """Return what a child said and how it ended that was started in a folder, with a PYTHONPATH."""
    return subprocess.run(
        [sys.executable, "-P", "-c", STARTED, path, module, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def hide(folder: Path, *modules: str) -> None:
    """Put files into a folder that have the names of modules and break whoever imports them."""
    for module in modules:
        (folder / f"{module}.py").write_text(f"raise SystemExit('{module} is hidden')\n")


def test_a_file_in_the_working_folder_hides_no_module(tmp_path: Path) -> None:
    hide(tmp_path, "numbers", "plimsoll", "django", "_json")

    said = started(tmp_path, "plimsoll", "version")
    standard = started(tmp_path, "numbers")

    assert (said.returncode, said.stdout, said.stderr) == (0, "0.1.0\n", "")
    assert (standard.returncode, standard.stderr) == (0, "")


def test_a_file_beside_our_packages_hides_no_module_of_the_standard_library(tmp_path: Path) -> None:
    hide(tmp_path, "numbers", "_json")

    ended = [started(tmp_path, module, "--help", path=str(tmp_path)) for module in ("numbers", "json.tool")]

    assert [(each.returncode, each.stderr) for each in ended] == [(0, ""), (0, "")]


def test_our_packages_are_on_the_path_of_children() -> None:
    root = Path(__file__).resolve().parents[2]

    path = children.search_path().split(os.pathsep)

    assert {str(root), str(root / "platform")} <= set(path)
    assert len(path) == len(set(path))
