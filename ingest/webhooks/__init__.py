"""Webhooks: one provider per file, one row each here; packages from outside bring theirs as `plimsoll.webhooks`."""

from functools import cache

from ingest.webhooks.alertmanager import ALERTMANAGER
from ingest.webhooks.generic import GENERIC
from ingest.webhooks.github import GITHUB
from ingest.webhooks.provider import Provider
from plimsoll.registry import plugins

OWN = (
    ALERTMANAGER,
    GENERIC,
    GITHUB,
)


@cache
def providers() -> dict[str, Provider]:
    """Return all providers by name; one of ours cannot be replaced from outside."""
    theirs = [plugin for plugin in plugins("plimsoll.webhooks").values() if isinstance(plugin, Provider)]
    return {provider.name: provider for provider in (*theirs, *OWN)}
