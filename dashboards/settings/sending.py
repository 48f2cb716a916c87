"""What happens when a form of the settings is sent: checked, done, and back to its page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect

from dashboards.access.deeds import Deed
from dashboards.settings.flash import leave, written
from plimsoll.errors import PlimsollError


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; with a secret to show once, what it is; and where to go on, if not back."""

    text: str
    label: str = ""
    once: str = ""
    onward: str = ""


def sent(
    deed: Deed, form: Form, key: str, back: str, do: Callable[[Mapping[str, Any]], Done], field: str = ""
) -> HttpResponse:
    """Do what a form asks for, or lead back to it with what is wrong.

    `key` is the form's name on its page, `field` the one that the store's own objections are about.
    """
    if form.is_valid():
        try:
            # Undone alone when the store objects: the objection itself is told.
            with transaction.atomic():
                done = do(form.cleaned_data)
        except PlimsollError as error:
            form.add_error(field if field in form.fields else None, str(error))
        else:
            leave(deed.request, done=done.text, label=done.label, once=done.once)
            return HttpResponseRedirect(done.onward or back)
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    leave(deed.request, form=key, data=written(deed.request), errors=errors)
    return HttpResponseRedirect(f"{back}#{key}")


class Nothing(Form):
    """A form that is a button alone."""
