"""The facts behind a window's metrics, read in one question a kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from plimsoll.insight.metrics import DEFINITIONS
from plimsoll.insight.metrics.definition import Definition
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import DeliveryFacts, Deployment
from plimsoll.store.queries import delivery as stored
from plimsoll.store.queries.delivery import Scope, Series


def definition_of(name: str, environment_classes: Sequence[str]) -> Definition:
    """Return the named definition, for environments of these classes."""
    return replace(DEFINITIONS[name], environment_classes=tuple(environment_classes))


def facts_of(scope: Scope, window: Window, by: Definition, together: Iterable[Series]) -> DeliveryFacts:
    """Return all facts of a window, in one question a kind; a change counts once a service over series `together`."""
    deployments = stored.deployments(scope, window.start, window.end, by.attribution_window)
    inside = [deployment for deployment in deployments if deployment.at in window]
    ids = [deployment.id for deployment in inside]
    repeats = _already_live(inside, [each for each in together if each.environment_class in by.environment_classes])
    changes = stored.carried_changes(ids)
    carried = (replace(each, already_live=True) if each.id in repeats else each for each in changes)
    own, caused = stored.incidents(scope, window.start, window.end, ids)
    return DeliveryFacts(tuple(deployments), tuple(carried), tuple(own), tuple(caused))


def _already_live(deployments: Iterable[Deployment], series: Iterable[Series]) -> set[int]:
    """Return the `deployment_change` rows of changes that another environment of their service had before."""
    places: defaultdict[int, set[int]] = defaultdict(set)
    for each in series:
        if each.service_id is not None and each.environment_id is not None:
            places[each.service_id].add(each.environment_id)
    several = {service: environments for service, environments in places.items() if len(environments) > 1}
    rows = [each.id for each in deployments if each.service_id in several]
    return stored.already_live(rows, {id_ for environments in several.values() for id_ in environments})
