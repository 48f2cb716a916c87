"""Environments: which of them are production."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, Visit
from dashboards.settings.flash import Flash
from dashboards.settings.forms import CLASS_WORDS, EnvironmentForm
from dashboards.settings.section import section
from dashboards.settings.sending import Done, sent
from plimsoll.store.settings.environments import classify, environment_rows


@section("settings_environments", "settings/environments.html")
def environments(visit: Visit, flash: Flash) -> Context:
    """List environments with their classes."""
    may = visit.reader.may("administer")
    rows = []
    for row in environment_rows():
        form = None
        if may and not row.is_ruled:
            initial = {"environment_class": row.environment_class}
            form = flash.of(f"class-{row.id}", EnvironmentForm, initial=initial)
        rows.append((row, CLASS_WORDS.get(row.environment_class, row.environment_class), form))
    return {"rows": rows, "may": may}


@acting("administer")
def change(deed: Deed, pk: int) -> HttpResponse:
    """Say of which class an environment is."""
    deed.require()

    def do(given: Mapping[str, Any]) -> Done:
        name = classify(deed.actor, pk, given["environment_class"])
        return Done(_("The class of %(name)s is changed.") % {"name": name})

    form = EnvironmentForm(deed.request.POST)
    return sent(deed, form, f"class-{pk}", reverse("settings_environments"), do, "environment_class")
