"""Loaded by pytest before anything reads the settings: gives the suite its own data folder and database."""

import os
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="plimsoll-tests-"))

# What is meant for the suite itself: another database, and a folder for the pictures of pages.
_OURS = ("PLIMSOLL_TEST_DATABASE_URL", "PLIMSOLL_PICTURES")
for _name in [name for name in os.environ if name.startswith("PLIMSOLL_") and name not in _OURS]:
    del os.environ[_name]
os.environ["PLIMSOLL_DATA"] = str(DATA)
if _url := os.environ.get("PLIMSOLL_TEST_DATABASE_URL"):
    os.environ["PLIMSOLL_DATABASE_URL"] = _url
