"""Addresses of this page with something else selected: hundreds of them, so the rest is written once."""

from urllib.parse import quote

from dashboards.frame.filters import Filters


class Links:
    """Links of one page."""

    def __init__(self, filters: Filters) -> None:
        rest = filters.query(sel=None)
        self._begin = rest if rest == "?" else f"{rest}&"

    def to(self, selected: str) -> str:
        """Return the query with this element selected."""
        return f"{self._begin}sel={quote(selected)}"
