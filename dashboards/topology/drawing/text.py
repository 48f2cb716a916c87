"""How wide text is, near enough: there is no browser to ask. Widths are those of Inter, in hundredths of its size."""

from functools import lru_cache
from typing import Final

_WIDTHS: Final = {
    **dict.fromkeys("ijl|'.,:;!", 28), **dict.fromkeys("ft()[]-r /", 38), **dict.fromkeys("mwMW%", 92),
    **dict.fromkeys("ABCDEFGHKNOPQRSTUVXYZ", 70),
}  # fmt: skip
_USUAL: Final = 61
_WIDE: Final = 100


@lru_cache(maxsize=8192)
def width(text: str, size: float) -> float:
    """Return about how wide a text is in this size; Chinese and the like are as wide as they are high."""
    return sum(_WIDTHS.get(sign, _USUAL if ord(sign) < 0x2E80 else _WIDE) for sign in text) * size / 100


def cut(text: str, size: float, room: float) -> str:
    """Return the text, or as much of it as there is room for, with an ellipsis."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip("-. ") + "…"
