"""The facts that metrics are asked with about a single deployment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plimsoll.insight.dora.facts import facts_of
from plimsoll.insight.metrics.definition import STANDARD
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts
from plimsoll.store.queries import delivery as stored
from plimsoll.store.queries.delivery import Scope


def facts_around(service: str, at: datetime) -> DeliveryFacts:
    """Return what metrics know of a service's deployments of one moment, and of all that can matter to them."""
    scope = Scope(services=(service,))
    window = Window(at, at + timedelta(microseconds=1), ZoneInfo("UTC"))
    return facts_of(scope, window, STANDARD, stored.series(scope))
