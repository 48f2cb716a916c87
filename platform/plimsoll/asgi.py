"""The web process: pages, REST and webhooks behind one ASGI application."""

import os
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plimsoll.settings")

# Probes come by whatever address the machine has, which need not be an allowed host; they show nothing of anybody.
_PROBES = frozenset({"/healthz", "/readyz"})


def _application() -> Any:
    django.setup()
    # Before the middleware looks for them.
    from dashboards.static_files import collect

    collect()
    # As ASGI has it; Django's own types are narrower.
    pages: Any = get_asgi_application()
    # After Django is set up: what it imports may need models.
    from django.urls import get_resolver

    from dashboards.live.asgi import live
    from ingest.webhooks.asgi import hooks

    # Now, not with the first request: what is broken ends the process, and the first visitor does not wait.
    get_resolver().url_patterns  # noqa: B018

    routed = hooks(live(pages))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] in _PROBES:
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {**scope, "headers": [*headers, (b"host", _allowed_host())]}
        await routed(scope, receive, send)

    return application


def _allowed_host() -> bytes:
    host = settings.ALLOWED_HOSTS[0]
    return b"localhost" if host == "*" else host.removeprefix(".").encode()


application = _application()
