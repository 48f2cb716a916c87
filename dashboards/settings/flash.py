"""What one answer leaves for the next: that it worked, what was wrong and what had been written, or a secret to show.

Forms answer with a redirect, so that loading a page again sends nothing again. A secret waits sealed, for the one page
that shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.forms import Form
from django.http import HttpRequest, QueryDict

from plimsoll.store.sealed import opened, sealed

_KEY: Final = "settings_flash"
_LONGEST: Final = 10_000
# Never written down again.
_SECRET: Final = ("secret", "password", "csrfmiddlewaretoken")


@dataclass(frozen=True, slots=True)
class Flash:
    """What the form before this page left: which form it was, what it held, and what to say."""

    form: str = ""
    data: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    done: str = ""
    # what the secret is, and the secret in clear
    label: str = ""
    once: str = ""

    def of(self, key: str, kind: type[Form], **options: Any) -> Form:
        """Return a form: with what was written and what was wrong with it, if it is the one that was sent."""
        auto_id = f"{key}-%s"
        if key != self.form:
            return kind(auto_id=auto_id, **options)
        options.pop("initial", None)
        form = kind(QueryDict(self.data), auto_id=auto_id, **options)
        own = form.errors
        for name, texts in self.errors.items():
            place = None if name == "__all__" or name not in form.fields else name
            for text in texts:
                if text not in own.get(name, []):
                    form.add_error(place, text)
        return form


def leave(request: HttpRequest, **what: object) -> None:
    """Leave something for the next page of this person."""
    if once := what.get("once"):
        what["once"] = sealed(str(once))
    request.session[_KEY] = what


def written(request: HttpRequest) -> str:
    """Return what a form held, as far as it may be kept: never a secret."""
    kept = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if not any(word in name for word in _SECRET):
            kept.setlist(name, values)
    text = kept.urlencode()
    return text if len(text) <= _LONGEST else ""


def taken(request: HttpRequest) -> Flash:
    """Return what was left for this page, for the only time."""
    if request.method != "GET" or not hasattr(request, "session"):
        return Flash()
    left = request.session.pop(_KEY, None)
    if not isinstance(left, dict):
        return Flash()
    if left.get("once"):
        left["once"] = opened(left["once"]) or ""
    return Flash(**left)
