"""Which environments are of which class."""

from collections.abc import Iterable

from plimsoll.store.environments import class_by_name
from plimsoll.store.models import Environment


def of_class(wanted: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the environments that are of a class: as was said of them, else as their names suggest."""
    told = dict(Environment.objects.values_list("name", "environment_class"))
    return tuple(name for name in names if told.get(name, class_by_name(name)) == wanted)


def heard_of_production(names: Iterable[str]) -> tuple[str, ...]:
    """Return the environments of production as telemetry names them; none of them means all, as nothing says it is.

    An environment that only telemetry names is of the class that its name suggests: a mesh may be heard before the
    first deployment. What says no environment may be of any.
    """
    production = of_class("production", names)
    return (*production, "") if production else ()
