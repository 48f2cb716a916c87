"""Who sends spans, and what was learned of each sender's spans: remembered over requests.

A mesh says few different things very often. What a form of span means is worked out once for each sender, and kept
while the namespaces that are known, on which it may depend, are the same.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from ingest.mesh import SPAN_DIALECTS
from ingest.mesh.dialect import Context, SpanDialect, SpanFacts
from ingest.mesh.halves import Meaning
from ingest.mesh.identity import Emitter, pod_of
from ingest.mesh.names import known
from ingest.otlp.messages import Resource
from ingest.otlp.values import text, texts
from plimsoll.store.cells import Sighting

_TOLD_BY: Final = tuple(dict.fromkeys(key for dialect in SPAN_DIALECTS for key in dialect.told_by))
_NODE_ID: Final = "node_id"
_MOST_ASKED: Final = 8
_MOST_SPEAKERS: Final = 10_000
_MOST_FORMS: Final = 1_000


class Speaker:
    """One sender: a resource and scope of one source, and what its spans were found to mean, by their form."""

    __slots__ = ("context", "dialect", "emitter", "meanings", "resource", "sighting")

    def __init__(
        self,
        dialect: SpanDialect,
        emitter: Emitter,
        resource: Mapping[str, str],
        context: Context,
        sighting: Sighting | None,
    ) -> None:
        self.dialect = dialect
        self.emitter = emitter
        self.resource = resource
        self.context = context
        self.sighting = sighting
        self.meanings: dict[tuple[object, ...], Meaning] = {}

    def learn(self, form: tuple[object, ...], facts: SpanFacts) -> Meaning:
        """Work out what a span means, and remember it for its form where that alone decides."""
        meaning = self.dialect.meaning(facts, self.emitter, self.resource, self.context)
        if meaning.kept:
            if len(self.meanings) >= _MOST_FORMS:
                self.meanings.clear()
            self.meanings[form] = meaning
        return meaning


class Speakers:
    """All senders that one receiver knows."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Speaker] = {}
        self._namespaces = 0

    def renew(self, namespaces: Collection[str]) -> None:
        """Forget all when more namespaces are known than before, or when it is much."""
        if len(namespaces) != self._namespaces or len(self._known) > _MOST_SPEAKERS:
            self._known.clear()
            self._namespaces = len(namespaces)

    def speaker(self, resource: bytes, scope: str, spans: Sequence[Any], context: Context) -> Speaker:
        """Return who sent spans of a scope, known by its resource and by what the first of them tells. Raises
        DecodeError for a resource that cannot be read.

        A gateway's outgoing spans lack the node id that its incoming ones have (section 4.1).
        """
        telling = next((span for span in spans[:_MOST_ASKED] if _NODE_ID in span.attributes), spans[0])
        told = tuple(map(telling.attributes.get, _TOLD_BY))
        key = (context.cluster, context.environment, resource, scope, told)
        speaker = self._known.get(key)
        if speaker is None:
            said = {key: text(raw) for key, raw in zip(_TOLD_BY, told, strict=True) if raw is not None}
            attributes = texts(Resource.FromString(resource).attributes)
            dialect = next(row for row in SPAN_DIALECTS if row.claims(attributes, scope, said))
            emitter = dialect.emitter(attributes, said, context)
            sighting = _sighting(dialect, emitter, attributes, said)
            speaker = self._known[key] = Speaker(dialect, emitter, attributes, context, sighting)
        return speaker


def _sighting(
    dialect: SpanDialect, emitter: Emitter, resource: Mapping[str, str], said: Mapping[str, str]
) -> Sighting | None:
    """Return the pod and layer that a sender speaks from, if it tells them and its own name."""
    pod = pod_of(resource, said) if dialect.layer else None
    if pod is None or not known(emitter.ref.name):
        return None
    return Sighting(pod.namespace.casefold(), pod.name.casefold(), dialect.layer, emitter.ref)
