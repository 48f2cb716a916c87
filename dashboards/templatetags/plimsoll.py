"""What templates say of figures, times and states: one tag or filter a thing that people read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from django import template
from django.template import Context
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards import words
from dashboards.charts.spark import spark as spark_svg
from dashboards.frame.bar import Menu, Option
from dashboards.frame.filters import Filters
from dashboards.frame.marks import Status
from dashboards.frame.states import State

register = template.Library()

SHAPES: Mapping[Status, str] = {"ok": "●", "warn": "◆", "bad": "▲", "unk": "○"}
WORDS: Mapping[Status, str | Promise] = {
    "ok": gettext_lazy("on track"),
    "warn": gettext_lazy("near the mark"),
    "bad": gettext_lazy("over the mark"),
    "unk": gettext_lazy("unknown"),
}


@register.simple_tag(takes_context=True)
def state(context: Context, shown: State | None) -> SafeString:
    """Draw a state; nothing for None."""
    if shown is None:
        return mark_safe("")
    return render_to_string(shown.template, {"state": shown, "here": context.get("here", "")})


class _Panel(template.Node):
    """What a panel shows, or the state that stands for it."""

    def __init__(self, value: FilterExpression, content: template.NodeList) -> None:
        self.value, self.content = value, content

    def render(self, context: Context) -> SafeString:
        value = self.value.resolve(context, ignore_failures=True)
        return state(context, value) if isinstance(value, State) else self.content.render(context)


@register.tag
def panel(parser: Parser, token: Token) -> _Panel:
    """Draw what is between `{% panel value %}` and `{% endpanel %}`, unless the value could not be computed."""
    _name, value = token.split_contents()
    content = parser.parse(("endpanel",))
    parser.delete_first_token()
    return _Panel(parser.compile_filter(value), content)


@register.simple_tag
def status(kind: Status, word: str = "") -> SafeString:
    """Draw a status: shape, word and colour."""
    return format_html(
        '<span class="status {}"><span class="shape" aria-hidden="true">{}</span> {}</span>',
        kind, SHAPES[kind], word or WORDS[kind],
    )  # fmt: skip


@register.simple_tag
def shape(kind: Status) -> SafeString:
    """Draw how a figure stands to its mark where there is room for the shape alone; its word is told and heard.

    Without a mark there is none to tell: the figure beside it says itself when it is not known.
    """
    if kind == "unk":
        return sign(kind)
    return format_html(
        '<span class="shape {}" role="img" aria-label="{}" title="{}">{}</span>',
        kind, WORDS[kind], WORDS[kind], SHAPES[kind],
    )  # fmt: skip


@register.simple_tag
def sign(kind: Status) -> SafeString:
    """Draw the shape and colour of a status beside words that say what it is."""
    return format_html('<span class="shape {}" aria-hidden="true">{}</span>', kind, SHAPES[kind])


@register.simple_tag
def choices(menu: Menu) -> SafeString:
    """Write what can be chosen in a menu. Of teams there are hundreds, and a template takes five times as long."""
    return mark_safe("".join(map(_choice, menu.options)))


def _choice(option: Option) -> str:
    here = ' aria-current="true"' if option.is_chosen else ""
    name = ' translate="no"' if option.is_name else ""
    keys = f' data-keys="{option.keys}"' if option.keys else ""
    return f'<li><a href="{escape(option.query)}"{here}{name}{keys}>{escape(option.label)}</a></li>'


@register.simple_tag
def mark_icon() -> SafeString:
    """Draw the sign for a mark: a ring with a line through it."""
    return mark_safe(
        '<svg class="mark" viewBox="0 0 32 16" aria-hidden="true">'
        '<circle cx="16" cy="8" r="5.5"/><path d="M1 8h30"/></svg>'
    )


@register.simple_tag
def spark(values: Sequence[float | None], mark: float | None = None, label: str = "", css: str = "") -> SafeString:
    """Draw a small line of values, oldest first; None is a gap."""
    return spark_svg(values, mark=mark, label=label, css=css)


@register.simple_tag
def when(moment: datetime | None, zone: ZoneInfo, style: str = "short", after: datetime | None = None) -> SafeString:
    """Write a time in the page's zone; what it is in UTC is in its title. `style`: short, clock, day or long.

    `after` is a time written before it: on the same day the clock is enough.
    """
    if moment is None:
        return format_html('<span class="unknown">{}</span>', _("unknown"))
    local = moment.astimezone(zone)
    if after is not None and after.astimezone(zone).date() == local.date():
        style = "clock"
    formats = {"short": _("j M H:i"), "clock": "H:i", "day": _("j M Y"), "long": _("j M Y H:i:s")}
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        date_format(local, formats[style]),
    )


@register.simple_tag(takes_context=True)
def link_query(context: Context, **changes: object) -> str:
    """Return this page's query with changes: the address is the state. None or an empty text removes a parameter."""
    filters = context["filters"]
    assert isinstance(filters, Filters)
    return filters.query(**{name.rstrip("_"): None if value == "" else value for name, value in changes.items()})


@register.simple_tag(takes_context=True)
def shared_query(context: Context, **changes: object) -> str:
    """Return the query for another page with this one's range and places."""
    filters = context["filters"]
    assert isinstance(filters, Filters)
    return filters.shared(**{name.rstrip("_"): None if value == "" else value for name, value in changes.items()})


@register.filter
def duration(seconds: float | None) -> str:
    """Write seconds as people say them; unknown is said."""
    if seconds is None:
        return _("unknown")
    return str(words.duration(seconds))


@register.filter
def share(rate: float | None) -> str:
    """Write a ratio in percent."""
    if rate is None:
        return _("unknown")
    return str(words.share(rate))


@register.filter
def ms(value: float | None) -> str:
    """Write a latency."""
    return _("unknown") if value is None else words.milliseconds(value)


@register.filter
def rate(per_second: float | None) -> str:
    """Write a rate per second."""
    return _("unknown") if per_second is None else words.per_second(per_second)


@register.filter
def count(value: float | None) -> str:
    """Write a count."""
    return _("unknown") if value is None else words.number(value)
