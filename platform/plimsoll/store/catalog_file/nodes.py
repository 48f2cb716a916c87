"""Reading YAML node by node, so that each mistake is told with its place and none hides the others."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from plimsoll.store.catalog_file.entries import Mistake

# The one of libyaml is ten times as fast, and its marks are the same.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Field = tuple[Node, Node]
T = TypeVar("T")


class Reader:
    """Collects mistakes while a document is read; what is wrong reads as None."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def wrong(self, node: Node, text: str, mend: str) -> None:
        """Note a mistake at a node."""
        mark = node.start_mark
        self.mistakes.append(Mistake(mark.line + 1, mark.column + 1, text, mend))

    def mapping(self, node: Node, where: str, known: tuple[str, ...]) -> dict[str, Field]:
        """Return the fields of a mapping by key; a key that is unknown or there twice is a mistake."""
        if not isinstance(node, MappingNode):
            self.wrong(node, f"{where} is {_said(node)}", f"write it as keys and values: {', '.join(known)}")
            return {}
        fields: dict[str, Field] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else "?"
            if key not in known:
                self.wrong(key_node, f"{where} has no key {_quoted(key)}", nearest(key, known))
            elif key in fields:
                first = fields[key][0].start_mark.line + 1
                self.wrong(key_node, f"{key} is said twice", f"keep one of them, the first is on line {first}")
            else:
                fields[key] = key_node, value_node
        return fields

    def items(self, node: Node, where: str) -> Iterator[Node]:
        """Return the items of a list; nothing at all is an empty one."""
        if isinstance(node, SequenceNode):
            yield from node.value
        elif not is_null(node):
            self.wrong(node, f"{where} is {_said(node)}", "write it as a list: one `- ` for each")

    def text(self, fields: Mapping[str, Field], key: str, longest: int = 200) -> str | None:
        """Return a field as text; None when it is not said, or is wrong."""
        if key not in fields:
            return None
        node = fields[key][1]
        if not isinstance(node, ScalarNode):
            self.wrong(node, f"{key} is {_said(node)}", "write one value")
            return None
        if is_null(node):
            self.wrong(node, f"{key} is empty", "write a value, or leave the key out")
            return None
        value: str = node.value.strip()
        if any(unicodedata.category(each) in ("Cc", "Cs") and each != "\n" for each in value) or not value:
            self.wrong(node, f"{key} holds characters that cannot be shown", "write it in plain letters")
            return None
        if len(value) > longest:
            self.wrong(node, f"{key} is {len(value)} characters long", f"keep it within {longest}")
            return None
        return value

    def need(self, owner: Node, fields: Mapping[str, Field], key: str, where: str) -> None:
        """Note that a field is missing which must be there."""
        if key not in fields and isinstance(owner, MappingNode):
            self.wrong(owner, f"{where} has no {key}", f"add `{key}: ...`")

    def required(self, owner: Node, fields: Mapping[str, Field], key: str, where: str) -> str | None:
        """Return a field that must be there as text."""
        self.need(owner, fields, key, where)
        return self.text(fields, key)

    def checked(self, fields: Mapping[str, Field], key: str, read: Callable[[str], T | None], right: str) -> T | None:
        """Return a field as `read` understands it; what it does not understand is a mistake."""
        said = self.text(fields, key)
        if said is None:
            return None
        value = read(said)
        if value is None:
            self.wrong(fields[key][1], f"{key} is {_quoted(said)}", f"write {right}")
        return value


def composed(text: str) -> tuple[Node | None, list[Mistake]]:
    """Return the document of a YAML text, or where it is no YAML."""
    try:
        return yaml.compose(text, Loader=_Loader), []
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return None, [Mistake(line, column, f"this is no YAML: {error.problem or error.context}", _syntax(text, line))]
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        return None, [Mistake(line, column, "this is no YAML: a character that cannot be shown", "remove it")]


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return how to mend an unknown word: the known one that is nearest, or all of them."""
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else f"it is one of {', '.join(known)}" if known else "there is none"


def is_null(node: Node) -> bool:
    """Whether a node says nothing."""
    return isinstance(node, ScalarNode) and not node.style and node.value in _NULLS


def _syntax(text: str, line: int) -> str:
    around = text.split("\n")[line - 1 : line]
    if any("\t" in each for each in around):
        return "indent with spaces, not with tabs"
    return "look at the indentation, the colons and the quotes here and one line above"


def _said(node: Node) -> str:
    if is_null(node):
        return "empty"
    return {"MappingNode": "keys and values", "SequenceNode": "a list"}.get(
        type(node).__name__, _quoted(str(node.value))
    )


def _quoted(word: str) -> str:
    # repr leaves nothing in that would break a line of a log.
    return repr(word if len(word) <= 60 else f"{word[:57]}...")
