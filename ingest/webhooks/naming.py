"""Which service and environment a delivery is about: the rules of its source, pure (webhook-providers, section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ingest.webhooks import reading

Settings = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """An environment's name and, when somebody said so, its class."""

    name: str
    environment_class: str | None = None

    def fields(self) -> dict[str, object]:
        """Return what an observation says about the environment."""
        if self.environment_class is None:
            return {"environment": self.name}
        return {"environment": self.name, "environment_class": self.environment_class}


def service(settings: Settings, explicit: str | None, fallback: str | None = None, *others: str | None) -> str | None:
    """Return the service's name: as the event says, else by a mapping of the source, its default, or a short name.

    A mapping may match `fallback`, whose short name is the last resort, or one of the `others`.
    """
    if explicit:
        return explicit
    mapped = (_mapped(settings, "service_map", candidate) for candidate in (*others, fallback) if candidate)
    if found := next((reading.text({"": rule}, "") for rule in mapped if rule), None):
        return found
    if default := reading.text(settings, "default_service"):
        return default
    return _stripped(settings, fallback.rpartition("/")[2]) if fallback else None


def place(settings: Settings, name: str | None, tier: str | None = None) -> Place | None:
    """Return the environment: its class by the provider's own tier, else by a mapping of the source.

    A mapping is either the class's name or an object with `name` and `class`.
    """
    known = name or reading.text(settings, "default_environment")
    if known is None:
        return None
    rule = _mapped(settings, "environment_map", known)
    if isinstance(rule, str):
        return Place(known, tier or rule)
    return Place(reading.name(rule, "name") or known, tier or reading.text(rule, "class"))


def matches(settings: Settings, key: str, *values: str | None) -> bool:
    """Return whether one of the values is in a list of patterns of the source."""
    patterns = reading.names(reading.items(settings, key) or [settings.get(key)])
    return any(_fits(pattern, value) for pattern in patterns for value in values if value)


def _mapped(settings: Settings, key: str, value: str) -> object:
    rules = reading.table(settings, key)
    return next((rule for pattern, rule in rules.items() if _fits(pattern, value)), None)


def _fits(pattern: str, value: str) -> bool:
    """Patterns know `*` and `?`; case does not matter."""
    return fnmatchcase(value.casefold(), pattern.casefold())


def _stripped(settings: Settings, name: str) -> str:
    suffixes = reading.items(settings, "service_strip_suffix") or [settings.get("service_strip_suffix")]
    for suffix in suffixes:
        if isinstance(suffix, str) and suffix and len(suffix) < len(name) and name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
