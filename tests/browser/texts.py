"""What a page says, in its text and in what is read out, but for what is data (translate="no")."""

import re
from html.parser import HTMLParser
from typing import Final

from plimsoll.store.notices import TOPICS

_ATTRIBUTES: Final = frozenset(
    {"aria-label", "title", "placeholder", "alt", "aria-description", "aria-roledescription"}
)
# A title is the heading again, and holds names of things.
_SILENT: Final = frozenset({"title", "script", "style", "template", "code", "kbd", "pre", "textarea"})
_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z’'-]+")
# Said in Chinese as in English: names of products and formats, units, and names of languages in themselves.
_SAME: Final = set(
    re.findall(
        r"\S+",
        """
    Plimsoll UTC CSV JSON YAML API REST HTTP HTTPS URL URLs gRPC OTLP OpenTelemetry Collector Istio Linkerd Envoy Cilium
    Hubble GitHub GitLab Jenkins Argo Rollouts Flux Alertmanager PagerDuty Opsgenie Prometheus Kubernetes WeCom DingTalk
    Feishu Slack SonarQube PostgreSQL Docker Helm Bash curl webhook Webhook Webhooks token ID IP SHA SLO DORA CI CD SEV
    P50 P90 P95 P99 RED ms min km px kB KB MB GB English Esc Enter Shift Ctrl Tab
    """,
    )
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: set[str] = set()
        # For each open element, whether what is in it is not ours to translate.
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = self._is_data or given.get("translate") == "no" or tag in _SILENT
        # A language is written in itself.
        is_data = is_data or ("lang" in given and tag != "html")
        if not is_data:
            for name, value in given.items():
                is_text = name in _ATTRIBUTES or (name.startswith("data-") and len(_LATIN.findall(value or "")) > 1)
                if value and is_text and not _is_machine(name, value):
                    self._say(value)
        if tag not in _VOID:
            self._open.append((tag, is_data))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in (name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._is_data:
            self._say(data)

    @property
    def _is_data(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _say(self, text: str) -> None:
        if said := " ".join(text.split()):
            self.said.add(said)


def _is_machine(name: str, value: str) -> bool:
    """Whether an attribute is for scripts: names and addresses, which have no space, or figures, which are JSON."""
    if name == "data-live" and set(re.split(r"[ ,]+", value)) <= set(TOPICS):
        return True
    return name.startswith("data-") and (" " not in value or (value.lstrip()[:1] in "{[" and '"' in value))


def texts(html: str) -> set[str]:
    """Return what a page says."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.said


def untranslated(english: str, chinese: str) -> list[str]:
    """Return what both pages say in the same Latin words."""
    both = texts(english) & texts(chinese)
    return sorted(text for text in both if set(_LATIN.findall(text)) - _SAME)


def foreign(html: str, given: str) -> list[str]:
    """Return the Latin words that a page says, but for those that it was given, in its address."""
    said = {word.rstrip("'") for text in texts(f"<p>{html}</p>") for word in _LATIN.findall(text)}
    return sorted(said - set(_LATIN.findall(given)) - _SAME)
