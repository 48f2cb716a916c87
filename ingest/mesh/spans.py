"""From spans to cells and halves: the hot path, which touches each span once.

Spans that are alike in their dialect's keys, role, sampling and minute mean the same: the loop only sorts them into
groups, and the meaning of a group is worked out once (`Group`). No logging, no exception and no object a span.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ingest.mesh import SPAN_DIALECTS
from ingest.mesh.dialect import CONSUMER, LOCAL, REMOTE, ROOT, SERVER, Context, SpanDialect, SpanFacts
from ingest.mesh.halves import Group, Meaning
from ingest.mesh.outcome import Outcome
from ingest.mesh.sampling import weight
from ingest.otlp.values import text
from plimsoll.insight.sketch import buckets_of_ns
from plimsoll.store.cells import Cell, Cells

NS_PER_MINUTE = 60_000_000_000
LONGEST_AGE_NS = 24 * 60 * NS_PER_MINUTE
LONGEST_LEAD_NS = 10 * NS_PER_MINUTE
_MOST_LINKS = 128
_NO_ID = {bytes(16), bytes(8)}
_STATUS_ERROR = 2
_PLAIN = Outcome()
# Longer values are read anew, so that what is remembered stays small.
_LONGEST_REMEMBERED = 130
_remembered_text = lru_cache(maxsize=16_384)(text)


class SpanReader:
    """Reads the spans of one request."""

    def __init__(self, context: Context, received_ns: int, limit: int) -> None:
        self.context = context
        self.earliest_ns = received_ns - LONGEST_AGE_NS
        self.latest_ns = received_ns + LONGEST_LEAD_NS
        self.room = limit
        self.groups: list[Group] = []
        self.seen: set[bytes] = set()
        self.rejected: dict[str, int] = {}
        self.read = 0
        self.duplicates = 0

    def resource_spans(self, resource_spans: Any) -> None:
        """Read what one resource sent."""
        resource = _texts(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope.name
            spans = scope_spans.spans
            if len(spans) > self.room:
                self._reject("too many spans in one request", len(spans) - self.room)
                spans = spans[: self.room]
            self.room -= len(spans)
            if not spans:
                continue
            if scope:
                self._scope(resource, scope, spans)
            else:
                # Converted spans carry no scope, and several senders may share a resource: tell them apart one by one.
                for span in spans:
                    self._scope(resource, scope, (span,))

    def _scope(self, resource: Mapping[str, str], scope: str, spans: Any) -> None:
        dialect, emitter = self._speaker(resource, scope, spans)
        keys, reads_status = dialect.keys, dialect.reads_status
        earliest, latest, seen = self.earliest_ns, self.latest_ns, self.seen
        groups: dict[tuple[object, ...], Group] = {}
        for span in spans:
            trace, own = span.trace_id, span.span_id
            identity = trace + own
            end = span.end_time_unix_nano
            if len(trace) != 16 or len(own) != 8 or not earliest <= end <= latest or own in _NO_ID or trace in _NO_ID:
                self._reject_span(span)
                continue
            kind = span.kind
            if not 1 < kind < 6:
                continue
            if identity in seen:
                self.duplicates += 1
                continue
            seen.add(identity)
            parent = span.parent_span_id
            if not parent:
                role = ROOT
            elif kind == SERVER and span.flags & 0x300 == 0x100:
                role = LOCAL
            else:
                role = REMOTE
            attributes = span.attributes
            key = (
                *map(attributes.get, keys), kind, role, span.trace_state, end // NS_PER_MINUTE,
                span.status.code if reads_status else 0,
            )  # fmt: skip
            group = groups.get(key)
            if group is None:
                group = self._group(span, role, dialect, emitter, resource)
                if group.meaning.kept:
                    groups[key] = group
            ns = end - span.start_time_unix_nano
            group.durations_ns.append(ns)
            if group.half is not None:
                group.keys.append(identity if group.owns else trace + parent)
                if kind == CONSUMER and span.links:
                    self._follow_links(span, group, ns)
        self.read += len(spans)

    def _speaker(self, resource: Mapping[str, str], scope: str, spans: Any) -> tuple[SpanDialect, Any]:
        attributes = _texts(spans[0].attributes)
        dialect = next(row for row in SPAN_DIALECTS if row.claims(resource, scope, attributes))
        return dialect, dialect.emitter(resource, attributes, self.context)

    def _group(self, span: Any, role: int, dialect: SpanDialect, emitter: Any, resource: Mapping[str, str]) -> Group:
        facts = SpanFacts(
            span.kind, role, _texts(span.attributes), span.status.code == _STATUS_ERROR, span.name, bool(span.links)
        )
        meaning = dialect.meaning(facts, emitter, resource, self.context)
        group = Group(meaning, span.end_time_unix_nano // NS_PER_MINUTE, weight(span.trace_state))
        self.groups.append(group)
        return group

    def _follow_links(self, span: Any, group: Group, ns: int) -> None:
        """Wait for the producers that a consumer is linked to, when its parent is none of them (section 8.5)."""
        links = [link for link in span.links if link.trace_id != span.trace_id or not span.parent_span_id]
        if not links or group.half is None:
            return
        if group.keys and group.keys[-1] == span.trace_id + span.parent_span_id:
            group.keys.pop()
            group.durations_ns.pop()
            self._count_lane_once(group, ns)
        linked = Group(
            Meaning(group.meaning.outcome, half=group.meaning.half and group.meaning.half._replace(evidence="linked")),
            group.minute,
            group.weight,
        )
        for link in links[:_MOST_LINKS]:
            linked.keys.append(link.trace_id + link.span_id)
            linked.durations_ns.append(ns)
        self.groups.append(linked)
        if len(links) > _MOST_LINKS:
            self.rejected["links beyond the first 128"] = self.rejected.get("links beyond the first 128", 0)

    def _count_lane_once(self, group: Group, ns: int) -> None:
        """Keep the span's own edge (topic to service) apart from what it waits for."""
        alone = Group(group.meaning._replace(half=None), group.minute, group.weight)
        alone.durations_ns.append(ns)
        self.groups.append(alone)

    def _reject(self, reason: str, n: int = 1) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + n

    def _reject_span(self, span: Any) -> None:
        trace, own, end = span.trace_id, span.span_id, span.end_time_unix_nano
        if len(trace) != 16 or trace in _NO_ID:
            self._reject("trace id is not 16 bytes, or all zero")
        elif len(own) != 8 or own in _NO_ID:
            self._reject("span id is not 8 bytes, or all zero")
        elif end < self.earliest_ns:
            self._reject("span ended more than 24 h ago, or has no end")
        else:
            self._reject("span ends more than 10 min in the future")


def _texts(attributes: Mapping[str, bytes]) -> dict[str, str]:
    """Return all attributes as text; groups share most of their values with groups of other requests."""
    read: dict[str, str] = {}
    for key in attributes:
        raw = attributes[key]
        read[key] = _remembered_text(raw) if len(raw) < _LONGEST_REMEMBERED else text(raw)
    return read


def count_groups(groups: Iterable[Group], cells: Cells) -> None:
    """Add what the groups say by themselves; joins add the rest later."""
    for group in groups:
        meaning = group.meaning
        if meaning.drop:
            cells.count("dropped", meaning.drop, len(group.durations_ns))
        for lane in (meaning.lane, meaning.entry):
            if lane is None or not group.durations_ns:
                continue
            cell = cells.cell(lane, group.minute)
            if meaning.denied:
                cell.observed += len(group.durations_ns)
                cell.denied += len(group.durations_ns)
            else:
                count_calls(cell, meaning.outcome, group.weight, group.durations_ns)


def count_calls(cell: Cell, outcome: Outcome, adjusted: float | None, durations_ns: list[int]) -> None:
    """Add calls that ended alike to a cell, with the number of requests that each stands for (None: not known)."""
    n = len(durations_ns)
    cell.observed += n
    cell.requests += n
    if outcome != _PLAIN:
        cell.failed += n * outcome.failed
        cell.client_errors += n * outcome.client_error
        cell.throttled += n * outcome.throttled
        cell.aborted += n * outcome.aborted
        cell.unreached += n * outcome.unreached
    if adjusted is None:
        cell.weight_unknown += n
    else:
        cell.weighted_requests += n * adjusted
        cell.weighted_failed += n * adjusted * outcome.failed
        cell.weight_spread += n * adjusted * (adjusted - 1)
    if not outcome.aborted:
        durations = durations_ns if min(durations_ns) >= 0 else [max(ns, 0) for ns in durations_ns]
        cell.add_latency(buckets_of_ns(durations), sum(durations) / 1e6, min(durations) / 1e6, max(durations) / 1e6)
