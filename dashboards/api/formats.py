"""JSON, CSV and NDJSON: which one is asked for, and how the long ones stream."""

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from dashboards.api.problems import Mistake, Problem, invalid

_CHUNK_BYTES = 64 * 1024


class Table(BaseRenderer):
    """A format that our views write themselves; the framework only needs to know that it exists."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Never asked for: views answer with a stream."""
        raise AssertionError("a table is streamed by its view")


class CSV(Table):
    """Comma-separated values (RFC 4180)."""

    media_type = "text/csv"
    format = "csv"


class NDJSON(Table):
    """One JSON object a line."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class OneFormat(DefaultContentNegotiation):
    """`?format=` decides, else `Accept`; what we cannot write is refused by name."""

    def select_renderer(  # type: ignore[override]
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type."""
        known = {str(renderer.format): renderer for renderer in renderers}
        names = ", ".join(known)
        asked = request.query_params.get("format")
        if asked == "parquet":
            raise Problem(406, "not_acceptable", f"Parquet is not available here; there are {names}.")
        if asked:
            if asked not in known:
                raise invalid([Mistake("format", f"{asked[:40]!r} is not one of {names}.")])
            return known[asked], str(known[asked].media_type)
        try:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers)
        except NotAcceptable as error:
            raise Problem(406, "not_acceptable", f"None of the formats in Accept is available; {names} are.") from error
        return chosen


RENDERERS: tuple[type[BaseRenderer], ...] = (JSONRenderer, CSV, NDJSON)


class Chunks:
    """Text lines as chunks of bytes; closing it closes the lines' source, database cursor included."""

    def __init__(self, lines: Iterator[str], *, gzip: bool) -> None:
        self._lines = lines
        chunks = _chunks(lines)
        # Read the first chunk now: what fails at once is answered as a problem and not as a broken download.
        ready = chain([next(chunks, b"")], chunks)
        self._chunks = _gzipped(ready) if gzip else ready

    def close(self) -> None:
        """End the reading."""
        end = getattr(self._lines, "close", None)
        if end is not None:
            end()


class BlockingChunks(Chunks):
    """Chunks for a server without an event loop."""

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks


class AwaitedChunks(Chunks):
    """Chunks for a server with an event loop; reads run in the request's own thread, where its connection lives."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        following = sync_to_async(lambda: next(self._chunks, None))
        while (chunk := await following()) is not None:
            yield chunk


def streamed(request: HttpRequest, lines: Iterator[str], output: BaseRenderer, name: str) -> StreamingHttpResponse:
    """Return the lines as a download called `name`, compressed when the client likes it.

    We compress ourselves: the middleware makes each chunk a gzip member of its own, and some clients read only the
    first.
    """
    gzip = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    kind = AwaitedChunks if isinstance(request, ASGIRequest) else BlockingChunks
    response = StreamingHttpResponse(
        kind(lines, gzip=gzip),
        content_type=f"{output.media_type}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{output.format}"',
            "Vary": "Accept-Encoding, Authorization",
        },
    )
    if gzip:
        response["Content-Encoding"] = "gzip"
    return response


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """Return lines joined to pieces worth sending."""
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        encoded = line.encode()
        waiting.append(encoded)
        size += len(encoded)
        if size >= _CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Return the chunks as one gzip member."""
    packer = zlib.compressobj(wbits=31)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
