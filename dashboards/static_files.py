"""Style sheets and pictures, served by the web process itself."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, quiet on an event loop and without a folder of collected files."""

    def add_files(self, root: str | Path, prefix: str | None = None) -> None:
        """Add a folder; one that does not exist has no files, which is no reason for a warning."""
        if Path(root).is_dir():
            super().add_files(root, prefix=prefix)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """Answer with the file in one piece: a file that is read in pieces would block the event loop."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        if found.file is not None:
            # WhiteNoise looked at the file when the process started; it may have been replaced since.
            response["Content-Length"] = str(len(content))
        return response
