"""Colours can be told apart: contrast of every text on every ground it stands on (ux, section 2)."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "dashboards" / "static" / "plimsoll" / "tokens.css"

GROUNDS = ("--bg", "--surface", "--raised", "--sunken")
TEXTS = ("--text", "--muted", "--warn-text")
ON_CARDS = ("--ok", "--bad", "--info", "--accent", "--faint", "--unk")
SOFT = (
    ("--on-accent", "--accent"),
    ("--ok", "--ok-soft"),
    ("--bad", "--bad-soft"),
    ("--info", "--info-soft"),
    ("--warn-text", "--warn-soft"),
)


def themes() -> dict[str, dict[str, str]]:
    colour = re.compile(r"(--[\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);")
    rows = colour.findall(TOKENS.read_text())
    return {"light": {row[0]: row[1] for row in rows}, "dark": {row[0]: row[2] for row in rows}}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    tokens = themes()[theme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(text, ground) for text in ON_CARDS for ground in ("--bg", "--surface")]
    pairs += list(SOFT)

    low = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_can_be_seen(theme: str) -> None:
    tokens = themes()[theme]

    # Edges and axes are drawn on cards, never on the page itself.
    pairs = [("--warn", "--bg"), ("--warn", "--surface"), ("--line-strong", "--surface")]

    low = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in low.items() if ratio < 3} == {}


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 1) == 21.0


def test_every_colour_of_ux_is_there() -> None:
    assert {"--bg", "--line-strong", "--warn-text", "--info-soft", "--unk", "--on-accent"} < set(themes()["light"])
