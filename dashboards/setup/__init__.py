"""Setting an installation up in the browser: a checklist that ends in a full dashboard (ux, section 3.10)."""

from dashboards.setup.lines import Checklist, Line, checklist

__all__ = ["Checklist", "Line", "checklist"]
