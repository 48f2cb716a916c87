"""Snippets for the tools that send to Plimsoll: files of `deploy/snippets`, filled in for this server."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from plimsoll.setup.addresses import Endpoint

Way = Literal["otlp", "hook"]

_HERE: Final = Path(__file__).resolve().parent
# The checkout's files, or those the wheel carries inside the package.
_FOLDERS: Final = (_HERE.parents[2] / "deploy" / "snippets", _HERE / "files")


@dataclass(frozen=True, slots=True)
class Snippet:
    """What one tool needs: its file, and how it comes to us. `provider` is the kind of source of a webhook."""

    name: str
    title: str
    file: str
    way: Way
    provider: str = ""


# Titles are names of products, the same in every language.
ALL: Final = {
    snippet.name: snippet
    for snippet in (
        Snippet("istio", "Istio", "istio.yaml", "otlp"),
        Snippet("linkerd", "Linkerd", "linkerd.yaml", "otlp"),
        Snippet("collector", "OpenTelemetry Collector", "collector.yaml", "otlp"),
        Snippet("envoy", "Envoy", "envoy.yaml", "otlp"),
        Snippet("sdk", "OpenTelemetry SDK", "sdk.sh", "otlp"),
        Snippet("github", "GitHub", "github.sh", "hook", "github"),
        Snippet("gitlab", "GitLab", "gitlab.yaml", "hook", "generic"),
        Snippet("jenkins", "Jenkins", "jenkins.groovy", "hook", "generic"),
        Snippet("argo", "Argo CD", "argo.yaml", "hook", "generic"),
        Snippet("curl", "curl", "curl.sh", "hook", "generic"),
        Snippet("alertmanager", "Alertmanager", "alertmanager.yaml", "hook", "alertmanager"),
        Snippet("incident", "curl", "incident.sh", "hook", "generic"),
    )
}


def text(name: str) -> str:
    """Return a snippet as it is kept, with what has to be filled in between < and >."""
    return _read(ALL[name].file)


def catalog() -> str:
    """Return an example of a catalog file."""
    return _read("catalog.yaml")


@cache
def _read(file: str) -> str:
    for folder in _FOLDERS:
        path = folder / file
        if path.exists():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(file)


def for_telemetry(name: str, endpoint: Endpoint, token: str = "") -> str:
    """Return a snippet for telemetry; without a token its place stays."""
    return _filled(
        name, otlp=str(endpoint.address), otlp_host=endpoint.host, otlp_port=str(endpoint.address.port), token=token
    )


def for_webhooks(name: str, hook: str = "", *, secret: str = "", token: str = "") -> str:
    """Return a snippet for webhooks; what is not given keeps its place."""
    return _filled(name, hook=hook, secret=secret, token=token)


def _filled(name: str, **values: str) -> str:
    filled = text(name)
    for key, value in values.items():
        if value:
            filled = filled.replace(f"<{key.replace('_', '-')}>", value)
    return filled
