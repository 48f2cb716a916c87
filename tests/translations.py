"""The texts that people read, and their translations: found in the code, kept in `dashboards/locale/`.

`python -m tests.translations` reads every marked text of templates and Python into the catalogue, drops what is no
longer there, and compiles it; `--merge FOLDER` first takes translations from JSON files of {text: translation}.
It needs no GNU gettext: Django's own parser says what is marked, and Babel writes the files.
"""

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.template import Context
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT: Final = Path(__file__).resolve().parents[1]
PO: Final = ROOT / "dashboards" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO: Final = PO.with_suffix(".mo")
SOURCES: Final = ("dashboards", "platform/plimsoll", "ingest")
# The name in code, and which of its arguments are a context, a text, and a plural.
_CALLS: Final = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}

_NOISE: Final = re.compile(rb'"(POT-Creation-Date|PO-Revision-Date|Project-Id|Report|Last-Tr|Language-Team|Generated)')

# context, text, plural
Text = tuple[str | None, str, str | None]


def texts() -> dict[Text, set[str]]:
    """Return every marked text with the files it is in."""
    found: dict[Text, set[str]] = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for text in in_template(path.read_text()):
            found.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for text in in_python(path.read_text()):
                found.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    return found


def in_python(source: str) -> Iterator[Text]:
    """Yield the texts that are marked in a Python file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in _CALLS:
            continue
        values = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        context, text, plural = (None if at is None or at >= len(values) else values[at] for at in _CALLS[name])
        if isinstance(text, str):
            yield (context if isinstance(context, str) else None), text, plural if isinstance(plural, str) else None


def in_template(source: str) -> Iterator[Text]:
    """Yield the texts that are marked in a template."""
    yield from _in_node(Template(source).nodelist)


def _in_node(thing: Any) -> Iterator[Text]:
    """Yield the texts in a node, or in anything that a node holds: other nodes, and lists of these."""
    if isinstance(thing, TranslateNode):
        yield from _translated(thing)
    elif isinstance(thing, BlockTranslateNode):
        yield _block(thing)
    elif isinstance(thing, dict):
        for each in thing.values():
            yield from _in_node(each)
    elif isinstance(thing, (list, tuple)):
        for each in thing:
            yield from _in_node(each)
    if isinstance(thing, Node) and not isinstance(thing, (TranslateNode, BlockTranslateNode)):
        for name, each in vars(thing).items():
            if name not in ("origin", "token", "parent"):
                yield from _in_node(each)


def _translated(node: TranslateNode) -> Iterator[Text]:
    variable = node.filter_expression.var
    text = variable if isinstance(variable, str) else getattr(variable, "literal", None)
    if isinstance(text, str):
        yield _context(node), str(text), None


def _context(node: TranslateNode | BlockTranslateNode) -> str | None:
    expression = node.message_context
    return None if expression is None else str(expression.resolve(Context()))


def _block(node: BlockTranslateNode) -> Text:
    singular, _ = node.render_token_list(node.singular)
    plural = node.render_token_list(node.plural)[0] if node.plural else None
    if node.trimmed:
        singular = " ".join(line.strip() for line in singular.strip().splitlines())
        plural = plural and " ".join(line.strip() for line in plural.strip().splitlines())
    return _context(node), singular, plural


def catalogue() -> Catalog:
    """Return the translations that are kept."""
    if not PO.exists():
        return Catalog(locale="zh_Hans")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def updated(known: Catalog, added: dict[str, Any]) -> Catalog:
    """Return a catalogue of exactly the marked texts, with the translations that are known or added."""
    fresh = Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    fresh.header_comment = "# Simplified Chinese. `make messages` keeps it complete."
    for (context, text, plural), files in sorted(texts().items(), key=lambda item: (item[0][1], item[0][0] or "")):
        key = f"{context}\u0004{text}" if context else text
        given = added.get(key)
        given = given["zh"] if isinstance(given, dict) else given
        old = known.get(text, context)
        kept = old.string if old else ""
        said: str = given or (kept if isinstance(kept, str) else next(iter(kept or ()), "")) or ""
        flags = ["python-format"] if "%(" in text else []
        fresh.add(
            (text, plural) if plural else text,
            (said,) if plural else said,
            locations=[(file, 0) for file in sorted(files)],
            flags=flags,
            context=context,
        )
    return fresh


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """Return the catalogue as a file for people and as one for Django."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=120, include_lineno=False)
    # The date in its header would make every compilation another one.
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(mo, catalog)
    # What changes with every run, and says nothing to anybody.
    said = [line for line in po.getvalue().splitlines(keepends=True) if not _NOISE.match(line)]
    return b"".join(said), mo.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [str(message.id) for message in catalog if message.id and not any(_strings(message.string))]


def _strings(string: Any) -> list[str]:
    return list(string) if isinstance(string, (tuple, list)) else [string]


def _merged(folder: Path) -> dict[str, Any]:
    added: dict[str, Any] = {}
    for file in sorted(folder.glob("*.json")):
        added |= json.loads(file.read_text())
    return added


def main(arguments: list[str]) -> None:
    """Bring the catalogue up to date."""
    import django

    django.setup()
    added = _merged(Path(arguments[1])) if arguments[:1] == ["--merge"] else {}
    catalog = updated(catalogue(), added)
    PO.parent.mkdir(parents=True, exist_ok=True)
    po, mo = written(catalog)
    for path, content in ((PO, po), (MO, mo)):
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    if wanting := missing(catalog):
        print(f"{len(wanting)} texts have no translation yet:", *wanting[:20], sep="\n  ")


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plimsoll.settings")
    os.environ.setdefault("PLIMSOLL_SECRET_KEY", "only for reading templates")
    main(sys.argv[1:])
