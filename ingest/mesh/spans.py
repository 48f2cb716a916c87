"""From spans to groups: the hot path, which touches each span once.

Spans that are alike in their dialect's form, role, sampling and minute mean the same: the loop only sorts them into
groups. What a form means is known from earlier requests, or worked out once (`speakers`). No logging, no exception and
no object a span.
"""

from collections.abc import Iterable
from typing import Any

from ingest.mesh.dialect import CHECKED, CONSUMER, LOCAL, REMOTE, SERVER, Context, SpanFacts, role_of_root
from ingest.mesh.halves import Group, Meaning
from ingest.mesh.outcome import Outcome
from ingest.mesh.sampling import weight
from ingest.mesh.speakers import Speaker, Speakers
from ingest.otlp.values import texts
from plimsoll.insight.sketch import buckets_of_ns
from plimsoll.store.cells import Cell, Cells

NS_PER_MINUTE = 60_000_000_000
LONGEST_AGE_NS = 24 * 60 * NS_PER_MINUTE
LONGEST_LEAD_NS = 10 * NS_PER_MINUTE
# A span that has no start seems to have lasted since 1970: how long it took is not known.
_LONGEST_NS = 24 * 60 * NS_PER_MINUTE
_MOST_LINKS = 128
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_STATUS_ERROR = 2
_PLAIN = Outcome()
_INCOMING = (SERVER, CONSUMER)
_HEALTH_CHECK = Meaning(drop="a health check")


class SpanReader:
    """Reads the spans of one request."""

    def __init__(self, speakers: Speakers, context: Context, received_ns: int, limit: int) -> None:
        self.speakers = speakers
        self.context = context
        self.earliest_ns = received_ns - LONGEST_AGE_NS
        self.latest_ns = received_ns + LONGEST_LEAD_NS
        self.room = limit
        self.groups: list[Group] = []
        # Who said what counts.
        self.heard: set[Speaker] = set()
        self.seen: set[bytes] = set()
        self.rejected: dict[str, int] = {}
        self.read = 0
        self.duplicates = 0
        self.left_out = 0

    def resource_spans(self, resource_spans: Any) -> None:
        """Read what one resource sent. Raises DecodeError when the resource cannot be read."""
        resource = resource_spans.resource
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope.name
            spans = scope_spans.spans
            if len(spans) > self.room:
                self._reject("too many spans in one request", len(spans) - self.room)
                spans = spans[: self.room]
            self.room -= len(spans)
            # Converted spans carry no scope, and several senders may share a resource: tell them apart one by one.
            for alike in (spans,) if scope else ((span,) for span in spans):
                if alike:
                    self._scope(self.speakers.speaker(resource, scope, alike, self.context), alike)
            self.read += len(spans)

    def _scope(self, speaker: Speaker, spans: Any) -> None:
        form_of, reads_status = speaker.dialect.form, speaker.dialect.reads_status
        earliest, latest, seen = self.earliest_ns, self.latest_ns, self.seen
        groups: dict[tuple[object, ...], Group] = {}
        for span in spans:
            trace, own, end, parent = span.trace_id, span.span_id, span.end_time_unix_nano, span.parent_span_id
            identity = trace + own
            if (
                len(identity) != 24 or len(own) != 8 or own == _NO_SPAN or trace == _NO_TRACE
                or (len(parent) != 8 and parent)
                or not earliest <= end <= latest
            ):  # fmt: skip
                self._reject_span(span)
                continue
            kind = span.kind
            if not 1 < kind < 6:
                continue
            if identity in seen:
                self.duplicates += 1
                continue
            seen.add(identity)
            if not parent or parent == _NO_SPAN:
                # What waits all the same, waits for a span that nobody can own.
                role, parent = role_of_root(kind, span.attributes), _NO_SPAN
            elif kind in _INCOMING and span.flags & 0x300 == 0x100:
                role = LOCAL
            else:
                role = REMOTE
            form = (form_of(kind, span.attributes), kind, role, span.status.code if reads_status else 0)
            key = (form, span.trace_state, end // NS_PER_MINUTE)
            group = groups.get(key)
            if group is None:
                group = self._group(speaker, form, span, role)
                if group.meaning.kept:
                    groups[key] = group
            ns = end - span.start_time_unix_nano
            group.durations_ns.append(ns)
            if group.owns:
                group.keys.append(identity)
            elif group.waits:
                group.keys.append(trace + parent)
                if kind == CONSUMER and span.links:
                    self._follow_links(span, group, ns)

    def _group(self, speaker: Speaker, form: tuple[object, ...], span: Any, role: int) -> Group:
        meaning = _HEALTH_CHECK if role == CHECKED else speaker.meanings.get(form)
        if meaning is None:
            is_failed, is_linked = span.status.code == _STATUS_ERROR, bool(span.links)
            attributes = texts(span.attributes)
            meaning = speaker.learn(form, SpanFacts(span.kind, role, attributes, is_failed, span.name, is_linked))
        if not meaning.drop:
            self.heard.add(speaker)
        group = Group(meaning, span.end_time_unix_nano // NS_PER_MINUTE, weight(span.trace_state))
        self.groups.append(group)
        return group

    def _follow_links(self, span: Any, group: Group, ns: int) -> None:
        """Wait for the producers that a consumer is linked to, when its parent is none of them (section 8.5)."""
        own_trace, has_parent = span.trace_id, span.parent_span_id not in (b"", _NO_SPAN)
        ids = dict.fromkeys((link.trace_id, link.span_id) for link in span.links)
        links = [
            trace + own
            for trace, own in ids
            if (trace != own_trace or not has_parent) and (len(trace), len(own)) == (16, 8)
        ]
        half = group.meaning.half
        if not links or half is None:
            return
        group.keys.pop()
        group.durations_ns.pop()
        # The span's own edge (topic to service) is counted once, apart from what it waits for.
        alone = Group(group.meaning._replace(half=None), group.minute, group.weight)
        alone.durations_ns.append(ns)
        linked = Group(Meaning(half.outcome, half=half._replace(evidence="linked")), group.minute, group.weight)
        linked.keys = links[:_MOST_LINKS]
        linked.durations_ns = [ns] * len(linked.keys)
        self.groups += [alone, linked]
        if len(links) > _MOST_LINKS:
            self.left_out += len(links) - _MOST_LINKS

    def _reject(self, reason: str, n: int = 1) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + n

    def _reject_span(self, span: Any) -> None:
        trace, own, end = span.trace_id, span.span_id, span.end_time_unix_nano
        if len(trace) != 16 or trace == _NO_TRACE:
            self._reject("trace id is not 16 bytes, or all zero")
        elif len(own) != 8 or own == _NO_SPAN:
            self._reject("span id is not 8 bytes, or all zero")
        elif len(span.parent_span_id) not in (0, 8):
            self._reject("parent span id is not 8 bytes")
        elif end < self.earliest_ns:
            self._reject("span ended more than 24 h ago, or has no end")
        else:
            self._reject("span ends more than 10 min in the future")


def count_groups(groups: Iterable[Group], cells: Cells) -> None:
    """Add what the groups say by themselves; joins add the rest later."""
    for group in groups:
        meaning = group.meaning
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
        if max(durations_ns) > _LONGEST_NS:
            durations_ns = [ns for ns in durations_ns if ns <= _LONGEST_NS]
            if not durations_ns:
                return
        fastest, slowest = min(durations_ns), max(durations_ns)
        cell.add_latency(buckets_of_ns(durations_ns), sum(durations_ns) / 1e6, fastest / 1e6, slowest / 1e6)
