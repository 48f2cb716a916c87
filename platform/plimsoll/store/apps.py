"""The store as a Django application."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """What we know: models, queries and writes."""

    name = "plimsoll.store"
    label = "store"
