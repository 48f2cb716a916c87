"""From the bytes of a request to a JSON document, within limits and with a reason for every refusal."""

import json
import zlib
from urllib.parse import parse_qs

# reliability, section 4: depth of nesting, and characters in one string.
DEEPEST = 64
LONGEST_STRING = 64 * 1024
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refused(Exception):
    """A request is answered with an error: its HTTP status, a stable code, and what the sender can do."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


def unpacked(raw: bytes, encoding: str, limit: int) -> bytes:
    """Return the body without its content encoding; never unpacks more than `limit` bytes."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return raw
    if coding not in ("gzip", "x-gzip"):
        raise Refused(415, "unsupported_encoding", f"Content-Encoding {coding[:40]} is not known; use gzip or none.")
    stream = zlib.decompressobj(wbits=31)
    try:
        body = stream.decompress(raw, limit + 1)
    except zlib.error as error:
        raise Refused(400, "malformed_gzip", "The body is not gzip, though it says so.") from error
    if len(body) > limit:
        raise too_large(limit)
    if not stream.eof:
        raise Refused(400, "malformed_gzip", "The gzip body ends too early.")
    return body


def too_large(limit: int) -> Refused:
    """Return the refusal of a body above the limit."""
    return Refused(413, "too_large", f"The body is larger than {limit >> 20} MiB.")


def document(body: bytes, content_type: str, *, accepts_form: bool = False) -> object:
    """Return the JSON document of a body.

    A form is read where the provider may be set to it (GitHub sends `payload=<JSON>`; reliability, section 6, 70): the
    signature is over the raw body either way. Elsewhere it is refused with a hint.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media in _FORMS:
        if not (accepts_form and media == _FORMS[0]):
            raise Refused(415, "form_encoded", "Send JSON: set the content type of the webhook to application/json.")
        body = _payload(body)
    try:
        parsed: object = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "malformed_json", f"The body is not JSON{_where(error)}.") from error
    _check_limits(parsed, len(body))
    return parsed


def _where(error: Exception) -> str:
    """Return what is wrong and where, in words that hold nothing of the body."""
    if isinstance(error, json.JSONDecodeError):
        return f": {error.msg}, line {error.lineno} column {error.colno}"
    return ""


def _payload(body: bytes) -> bytes:
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=10)
    except ValueError as error:
        raise Refused(400, "malformed_form", "The body is not a form with one field named payload.") from error
    if len(fields.get("payload", ())) != 1:
        raise Refused(400, "malformed_form", "The form has no single field named payload.")
    return fields["payload"][0].encode("utf-8", "surrogatepass")


def _refuse_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _check_limits(parsed: object, size: int) -> None:
    """Refuse documents that nest too deep or hold a too long string; level by level, so depth costs no stack."""
    level, depth = [parsed], 0
    while level:
        depth += 1
        if depth > DEEPEST + 1:
            raise Refused(400, "too_deep", f"The JSON nests deeper than {DEEPEST} levels.")
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, str) and size > LONGEST_STRING and len(value) > LONGEST_STRING:
                raise Refused(400, "too_long", f"A string of the JSON has more than {LONGEST_STRING} characters.")
        level = inner
