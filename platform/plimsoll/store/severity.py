"""How grave an incident is, whatever its sender calls that: SEV 1 to SEV 5."""

import re
from typing import Final

_WORDS: Final = {
    "critical": 1, "blocker": 1, "emergency": 1, "disaster": 1, "page": 1, "highest": 1, "fatal": 1,
    "high": 2, "major": 2, "error": 2, "urgent": 2,
    "medium": 3, "moderate": 3, "warning": 3, "minor": 3, "average": 3,
    "low": 4, "info": 4, "information": 4, "informational": 4, "notice": 4, "none": 4, "lowest": 4,
}  # fmt: skip
_NUMBER: Final = re.compile(r"(?:sev|severity|p|prio|priority|s)?[\s_:#-]*([0-5])")


def severity_level(said: str | None) -> int | None:
    """Return 1 (gravest) to 5, or None when the sender's word says nothing that we know."""
    word = (said or "").strip().casefold()
    if word in _WORDS:
        return _WORDS[word]
    if found := _NUMBER.fullmatch(word):
        return max(int(found[1]), 1)
    return None
