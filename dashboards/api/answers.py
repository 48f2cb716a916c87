"""Answers in JSON that a client need not fetch twice."""

import hashlib
import json
from collections.abc import Collection, Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags

CACHING = {"Cache-Control": "private, max-age=30", "Vary": "Accept, Authorization"}


def answered(request: HttpRequest, body: Mapping[str, object], passing: Collection[str] = ("as_of",)) -> HttpResponse:
    """Return the body, or 304 when the client has the same one.

    The tag is weak and over the content without its `passing` members, which only say when it was read: two answers of
    one tag hold the same rows.
    """
    lasting = {name: value for name, value in body.items() if name not in passing}
    digest = hashlib.sha256(f"{request.path}?{request.META.get('QUERY_STRING', '')}\n".encode())
    digest.update(json.dumps(lasting, ensure_ascii=False).encode())
    tag = f'W/"{digest.hexdigest()[:32]}"'
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    headers = {"ETag": tag, **CACHING}
    if "*" in known or tag in known or tag.removeprefix("W/") in known:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(json.dumps(body, ensure_ascii=False), content_type="application/json", headers=headers)
