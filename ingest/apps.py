"""Everything that comes in, as a Django application."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from plimsoll.store.senders import Sender


class IngestConfig(AppConfig):
    """Receivers, dialects and providers."""

    name = "ingest"

    def ready(self) -> None:
        """Make the providers of webhooks known to those who set sources up."""
        from plimsoll.store import senders

        senders.bring(_senders)


def _senders() -> "Iterator[Sender]":
    from ingest.webhooks import providers
    from ingest.webhooks.provider import COMMON_SETTINGS
    from plimsoll.store.senders import Sender

    for provider in providers().values():
        yield Sender(provider.name, provider.settings | COMMON_SETTINGS, provider.accepts_token)
