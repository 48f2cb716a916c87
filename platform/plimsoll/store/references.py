"""How a person names a deployment exactly: by its row, or as none at all. Senders use names of their own instead."""

from typing import Final

_OF_ROW: Final = "plimsoll:deployment/"
# Said of an incident that no deployment caused.
NOBODY: Final = "plimsoll:none"
_LARGEST_ID: Final = 2**63 - 1


def reference_to(deployment: int) -> str:
    """Return what names one deployment row."""
    return f"{_OF_ROW}{deployment}"


def row_of(reference: str | None) -> int | None:
    """Return the row that a reference names exactly, or None when it is another kind of name."""
    if reference is None or not reference.startswith(_OF_ROW):
        return None
    number = reference.removeprefix(_OF_ROW)
    return int(number) if number.isdecimal() and len(number) < 20 and int(number) <= _LARGEST_ID else None


def rows_of(references: list[str]) -> list[int]:
    """Return the rows that some references name exactly."""
    return [row for reference in references if (row := row_of(reference)) is not None]
