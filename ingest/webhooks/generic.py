"""The generic endpoint: canonical records as their sender writes them, checked against the published schema."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from ingest.webhooks import naming, reading, signatures, turns
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import Applied, Fault, Ignored, Provider
from ingest.webhooks.signatures import WINDOW_S, Headers
from ingest.webhooks.times import instant
from plimsoll.store import schema
from plimsoll.store.merge import COLUMNS, FINAL, Observation

MOST_FAULTS = 20
_RANKS = {"running": 1, "acknowledged": 1, "resolved": 2} | dict.fromkeys(FINAL, 2)

_formats = FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    # The year 1 and an empty text say that there is no time: neither is a mistake.
    if isinstance(value, str):
        instant(value)
    return True


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema.events(), format_checker=_formats)


def check(body: object, settings: Settings) -> Sequence[Fault]:
    """Return what is wrong with a body: a JSON pointer to each field, and what it should be."""
    errors = sorted(_validator().iter_errors(body), key=lambda error: [str(part) for part in error.absolute_path])
    faults = [_fault(error) for error in errors[:MOST_FAULTS]]
    return faults or [fault for pointer, record in _records(body) for fault in _places(pointer, record, settings)]


def _fault(error: ValidationError) -> Fault:
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.absolute_path)
    if error.validator == "format":
        return Fault(pointer, "is not a time such as 2026-03-02T08:00:00Z")
    if error.validator == "anyOf":
        return Fault(pointer, "needs `sha` (a commit) or `number` (a pull request)")
    # The message begins with the value, which may be long; what is wrong with it comes last.
    words = reading.cleaned(error.message)
    return Fault(pointer, words if len(words) <= 300 else f"... {words[-200:]}")


def _places(pointer: str, record: Mapping[str, Any], settings: Settings) -> Iterable[Fault]:
    """A deployment needs to know what was deployed where; a source may know it instead of its sender."""
    if record["kind"] != "deployment":
        return
    if naming.service(settings, reading.text(record, "service"), reading.text(record, "repo")) is None:
        yield Fault(f"{pointer}/service", "is missing, and the source has no default_service")
    if naming.place(settings, reading.text(record, "environment")) is None:
        yield Fault(f"{pointer}/environment", "is missing, and the source has no default_environment")


def _records(body: object) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if isinstance(body, list):
        yield from ((f"/{index}", record) for index, record in enumerate(body) if isinstance(record, Mapping))
    elif isinstance(body, Mapping):
        yield "", body


def normalise(body: object, headers: Headers, settings: Settings, received_at: datetime) -> Applied | Ignored:
    """Return the records as they were sent."""
    return Applied([_observation(record, settings, received_at) for _, record in _records(body)])


def _observation(record: Mapping[str, Any], settings: Settings, received_at: datetime) -> Observation:
    kind = record["kind"]
    fields = _fields(record, COLUMNS[kind])
    at = _event_time(record, fields, received_at)
    if kind == "deployment":
        return _deployment(record, settings, fields, at)
    if kind == "incident":
        return _incident(record, settings, fields, at)
    repo = reading.required(record, "repo")
    if kind == "release":
        version = reading.required(record, "version")
        return Observation("release", f"{repo}@{version}", at, {"published_at": at} | fields)
    return _change(record, repo, fields, at)


def _fields(record: Mapping[str, Any], columns: Iterable[str]) -> dict[str, object]:
    """Return the columns that the record speaks of; null says that there is none."""
    fields: dict[str, object] = {}
    for column in columns:
        if column not in record:
            continue
        value = record[column]
        if column.endswith("_at"):
            fields[column] = reading.time(record, column)
        elif isinstance(value, list):
            fields[column] = reading.names(value)
        else:
            fields[column] = reading.text(record, column) if isinstance(value, str) else value
    return fields


def _event_time(record: Mapping[str, Any], fields: Mapping[str, object], received_at: datetime) -> datetime:
    """Return when the record was so: as said, else its latest time, else when it came."""
    return _told_time(record, fields) or received_at


def _told_time(record: Mapping[str, Any], fields: Mapping[str, object]) -> datetime | None:
    times = [value for value in fields.values() if isinstance(value, datetime)]
    return reading.time(record, "at") or max(times, default=None)


def _deployment(record: Mapping[str, Any], settings: Settings, fields: dict[str, object], at: datetime) -> Observation:
    status = fields.get("status")
    if status is None and (fields.get("finished_at") or fields.get("started_at")):
        status = "success" if fields.get("finished_at") else "running"
    if status is not None:
        fields["status"] = status
        finished_at = fields.get("finished_at") or at
        fields["finished_at"] = finished_at if status in FINAL else None
    fields["service"] = naming.service(settings, reading.name(record, "service"), reading.name(record, "repo"))
    fields |= _place(record, settings)
    rank = _RANKS.get(str(status), 0)
    return Observation("deployment", reading.required(record, "external_id"), at, fields, rank)


def _incident(record: Mapping[str, Any], settings: Settings, fields: dict[str, object], at: datetime) -> Observation:
    stated = fields.get("status")
    told = "resolved" if fields.get("resolved_at") else "acknowledged" if fields.get("acknowledged_at") else "open"
    status = stated or told
    fields["status"] = status
    own_time = {"open": "opened_at", "acknowledged": "acknowledged_at", "resolved": "resolved_at"}[str(status)]
    fields[own_time] = fields.get(own_time) or at
    if status != "resolved":
        fields["resolved_at"] = None
    if "caused_by" in record:
        fields["caused_by_ref"] = reading.name(record, "caused_by")
    services = reading.names(reading.items(record, "services"))
    one = naming.service(settings, reading.name(record, "service"))
    if services or one:
        fields["services"] = services or [one]
    fields |= _place(record, settings)
    return Observation("incident", reading.required(record, "external_id"), at, fields, _RANKS.get(str(status), 0))


def _place(record: Mapping[str, Any], settings: Settings) -> dict[str, object]:
    tier = reading.text(record, "environment_class")
    place = naming.place(settings, reading.name(record, "environment"), tier)
    namespace = reading.name(record, "namespace")
    return (place.fields() if place else {}) | ({"namespace": namespace} if namespace else {})


def _change(record: Mapping[str, Any], repo: str, fields: dict[str, object], at: datetime) -> Observation:
    number, sha = fields.get("number"), fields.get("sha")
    if number is not None:
        state = fields.get("state") or ("merged" if fields.get("merged_at") else None)
        if state is not None:
            fields["state"] = state
        rank = {"closed": 1, "merged": 2}.get(str(state), 0)
        return Observation("change", f"{repo}#{number}", at, fields | {"grain": "pull_request"}, rank)
    if not sha:
        raise reading.Unusable("a change needs a sha or a number")
    return Observation("change", f"{repo}@{sha}", at, fields | {"grain": "commit"})


def _authenticate(body: bytes, headers: Headers, secrets: Sequence[str], settings: Settings, now: float) -> bool:
    window = settings.get("replay_window_s")
    is_number = isinstance(window, (int, float)) and not isinstance(window, bool)
    return signatures.standard(body, headers, secrets, now=now, window_s=window if is_number else WINDOW_S)  # type: ignore[arg-type]


def _key(body: object, headers: Headers) -> str:
    if own := headers.get("webhook-id", "").strip():
        return own
    records = [record for _, record in _records(body)]
    is_timed = all(_told_time(record, _fields(record, COLUMNS[record["kind"]])) for record in records)
    return "" if is_timed else turns.key(records)


def _ends(body: object) -> set[str]:
    return turns.ended([record for _, record in _records(body)])


def _event(body: object, headers: Headers) -> str:
    kinds = list(dict.fromkeys(str(record.get("kind", "")) for _, record in _records(body)))
    return ", ".join(kinds)[:100]


GENERIC = Provider(
    name="generic",
    authenticate=_authenticate,
    key=_key,
    event=_event,
    normalise=normalise,
    headers=frozenset({"webhook-id", "webhook-timestamp"}),
    settings=frozenset({"replay_window_s"}),
    proof="webhook-signature",
    accepts_token=True,
    check=check,
    ends=_ends,
)
