"""The wallboard: one page for the daily stand-up, read from three metres (ux, section 3.7).

`page` answers requests: who looks (`visitors`), how it is to look (`options`), what is on it (`board`). The parts of a
board, each with its own words for "unknown" and "none", are `cards`, `yesterday`, `incidents`, `bottom` and `strip`;
`fresh` says how current it all is. Drawings (`spark`, `line`) are SVG with figures as attributes: no style, no script.
"""
