"""What an incident's severity is called and coloured: on every page the same, whatever its sender calls it."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import pgettext

from plimsoll.store.severity import severity_level


@dataclass(frozen=True, slots=True)
class Label:
    """How grave (1 to 5, None where the word is unknown), what that is called, and its colour.

    `is_word`: it is the sender's own word, not to be translated.
    """

    level: int | None
    text: str
    kind: Literal["bad", "warn", ""]
    is_word: bool


def label(said: str | None) -> Label:
    """Return the label of what a sender said; empty where nobody said anything."""
    level = severity_level(said)
    if level is None:
        return Label(None, (said or "").strip(), "", is_word=True)
    return Label(level, _names()[level - 1], "bad" if level <= 2 else "warn" if level == 3 else "", is_word=False)


def _names() -> tuple[str, ...]:
    return (
        pgettext("severity", "SEV 1"),
        pgettext("severity", "SEV 2"),
        pgettext("severity", "SEV 3"),
        pgettext("severity", "SEV 4"),
        pgettext("severity", "SEV 5"),
    )
