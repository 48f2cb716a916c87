"""Which release a page comes from: a page that hears of another one is out of date."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from plimsoll import __version__

_DIGITS = 12


@cache
def release() -> str:
    """Return a name that is the same for equal templates, styles and scripts of one version, on every machine."""
    found = hashlib.sha256(__version__.encode())
    engine: dict[str, Any] = settings.TEMPLATES[0]
    folders = [*map(Path, engine["DIRS"]), Path(apps.get_app_config("dashboards").path) / "static"]
    for folder in folders:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            found.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:_DIGITS]
