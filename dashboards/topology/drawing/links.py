"""Addresses of this page with something else selected: hundreds of them, so the rest is written once."""

import re
from typing import Final
from urllib.parse import quote

from dashboards.frame.filters import Filters

# What need not be quoted, as nearly all ids: to look takes a fifth of the time.
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]*")


class Links:
    """Links of one page."""

    def __init__(self, filters: Filters) -> None:
        rest = filters.query(sel=None)
        self._begin = rest if rest == "?" else f"{rest}&"

    def to(self, selected: str) -> str:
        """Return the query with this element selected."""
        return f"{self._begin}sel={selected if _PLAIN.fullmatch(selected) else quote(selected)}"
