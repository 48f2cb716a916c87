"""Plug-ins from outside this repository, found by entry point."""

from importlib.metadata import entry_points


def plugins(group: str) -> dict[str, object]:
    """Return the objects that installed packages offer under an entry point group, by name."""
    return {point.name: point.load() for point in entry_points(group=group)}
