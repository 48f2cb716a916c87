"""What series mean, remembered by the bytes that tell them apart."""

from collections.abc import Collection, Container, Hashable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from ingest.mesh.dialect import Context
from ingest.mesh.points import Known, Meaning, MetricDialect, Series
from ingest.otlp.messages import Resource
from ingest.otlp.values import attributes_of, text, texts

# Which of several collectors sent a point is no part of its series (mesh-dialects, section 6.7).
_REPLICA: Final = ("prometheus_replica", "collector.instance.id", "otelcol.instance.id")
# What tells one sender from another where it says which instance it is: a collector may add the rest while the sender
# runs, and its counts must not begin anew then (mesh-dialects, sections 2.1 and 6.1).
_INSTANCE: Final = "service.instance.id"
_IDENTITY: Final = {"k8s.cluster.name", "service.namespace", "service.name", _INSTANCE}
_NO_VALUE: Final = 1
_MOST_KNOWN: Final = 100_000


class Metric(NamedTuple):
    """A metric of one sender, as it came; `name` is without a prefix."""

    source: str
    resource: bytes
    scope: str
    sent_name: str
    name: str
    unit: str
    temporality: int
    dialect: MetricDialect


class KnownSeries:
    """The series that this process has seen, until namespaces that become known may change what they mean."""

    def __init__(self) -> None:
        self._namespaces: frozenset[str] = frozenset()
        self._series: dict[Hashable, dict[Hashable, Known]] = {}
        self._meanings: dict[Meaning, Meaning] = {}
        self._n = 0

    def renew(self, namespaces: Container[str]) -> None:
        """Begin anew when namespaces became known since the last request, or when too many series are."""
        current = frozenset(namespaces) if isinstance(namespaces, Collection) else frozenset()
        if self._n > _MOST_KNOWN or current != self._namespaces:
            self._series.clear()
            self._meanings.clear()
            self._n, self._namespaces = 0, current

    def of_metric(self, metric: Metric, context: Context) -> dict[Hashable, Known]:
        """Return the known series of a metric, by what the caller tells them apart by."""
        return self._series.setdefault((*metric, context.cluster, context.environment), {})

    def learnt(self, metric: Metric, context: Context, point: Any) -> Known:
        """Return what the series of a point means, worked out from its attributes. Raises DecodeError."""
        self._n += 1
        resource = Resource.FromString(metric.resource).attributes
        attributes = attributes_of(point.attributes)
        series = Series(metric.name, metric.unit, texts(attributes), texts(resource))
        meaning = metric.dialect.meaning(series, context)
        if point.flags & _NO_VALUE and not meaning.drop:
            # The series has ended (section 6.5); what it counted stays.
            meaning = Meaning(drop="point without a value")
        identity = _IDENTITY if text(resource.get(_INSTANCE)) else resource
        instance = _digest(metric.source, *_parts(resource, identity))
        # One object for all that mean the same.
        meaning = self._meanings.setdefault(meaning, meaning)
        return Known(
            _digest(instance, metric.scope, metric.sent_name, str(metric.temporality), *_parts(attributes, attributes)),
            metric.name,
            metric.temporality,
            meaning,
            _digest(instance, "upstream", meaning.cluster) if meaning.cluster else b"",
            "/".join(text(where[key]) for where in (resource, attributes) for key in _REPLICA if key in where),
        )


def _parts(attributes: Mapping[str, bytes], kept: Container[str]) -> Iterator[str | bytes]:
    """Return the keys and values of attributes that are kept, in order, without which collector sent them."""
    for key in sorted(attributes):
        if key in kept and key not in _REPLICA:
            yield key
            yield attributes[key]


def _digest(*parts: str | bytes) -> bytes:
    """Return a key of 16 bytes from parts, none of which can run into the next."""
    digest = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4))
        digest.update(raw)
    return digest.digest()


KNOWN: Final = KnownSeries()
