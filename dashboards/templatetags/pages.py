"""What the pages of services, deployments and incidents say with one tag."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboards.frame.filters import Filters
from dashboards.pages import saying
from dashboards.pages.saying import Said
from dashboards.severity import label
from dashboards.templatetags.plimsoll import duration, ms, rate, share, status

register = template.Library()
_UNKNOWN = Said("unk", "")
_FIGURES: Final[Mapping[str, Callable[[float | None], str]]] = {
    "duration": duration,
    "ms": ms,
    "rate": rate,
    "share": share,
}


@register.filter
def web(address: str | None) -> str:
    """Return an address from outside if it leads to the web, else nothing: it may be a script."""
    return address if address and address.startswith(("https://", "http://")) else ""


@register.simple_tag
def outcome(word: str) -> SafeString:
    """Draw a deployment's outcome: shape, word and colour."""
    return _said(saying.OUTCOMES.get(word, _UNKNOWN))


@register.simple_tag
def run_status(word: str) -> SafeString:
    """Draw the status of one attempt or rollout."""
    return _said(saying.RUN_STATUS.get(word, _UNKNOWN))


@register.simple_tag
def incident_status(word: str) -> SafeString:
    """Draw an incident's status."""
    return _said(saying.INCIDENT_STATUS.get(word, _UNKNOWN))


@register.simple_tag
def failed_because(reason: str | None) -> SafeString:
    """Write how it is known that a deployment failed."""
    if not reason:
        return format_html('<span class="unknown">{}</span>', _("unknown"))
    return format_html("{}", saying.FAILED_BECAUSE.get(reason, reason))


@register.simple_tag
def severity(text: str | None) -> SafeString:
    """Draw a severity, with its sender's word on it; the gravest are red, the next amber."""
    said = label(text)
    if not said.text:
        return format_html("{}", "")
    own = mark_safe(' translate="no"') if said.is_word else ""
    return format_html('<span class="chip {}"{} title="{}">{}</span>', said.kind, own, text, said.text)


@register.simple_tag
def kind(word: str | None) -> str:
    """Write what a deployment was for."""
    return "" if word is None else str(saying.KINDS.get(word, word))


@register.simple_tag
def service_link(name: str, namespace: str | None = None) -> str:
    """Return the address of a service's page."""
    query = f"?{urlencode({'ns': namespace})}" if namespace else ""
    return f"/services/{quote(name, safe='')}/{query}"


@register.simple_tag
def map_link(name: str, namespace: str | None = None) -> str:
    """Return the address of a service and its neighbours on the map."""
    return f"/topology/?{urlencode({'service': f'{namespace}/{name}' if namespace else name})}"


@register.simple_tag
def leading(address: str, value: float | None, how: str) -> str:
    """Write a figure as a link to what it was computed from; what is unknown leads nowhere."""
    said = _FIGURES[how](value)
    return said if value is None else format_html('<a class="value" href="{}">{}</a>', address, said)


@register.simple_tag(takes_context=True)
def deployments_link(context: Context, **narrower: object) -> str:
    """Return the address of the deployments that are so, wherever they were."""
    return f"/deployments/{_anywhere(context, **narrower)}"


@register.simple_tag(takes_context=True)
def changes_link(context: Context, deployment: int) -> str:
    """Return the address of the changes that a deployment carried, with how long each waited."""
    return f"/changes/{_anywhere(context, deployment=deployment)}"


@register.simple_tag(takes_context=True)
def incidents_link(context: Context, deployment: int) -> str:
    """Return the address of the incidents that a deployment caused."""
    return f"/incidents/{_anywhere(context, caused_by=deployment)}"


def _anywhere(context: Context, **narrower: object) -> str:
    filters = context["filters"]
    assert isinstance(filters, Filters)
    return filters.anywhere(**narrower)


def _said(said: Said) -> SafeString:
    return status(said.kind, str(said.word))
