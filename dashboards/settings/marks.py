"""Marks: the levels that figures must not cross, and which of them counts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, NotHere, Visit
from dashboards.readers import Reader
from dashboards.settings.flash import Flash
from dashboards.settings.forms import METRIC_WORDS, MarkForm
from dashboards.settings.section import manageable, section
from dashboards.settings.sending import Done, Nothing, sent
from dashboards.settings.values import shown
from plimsoll.errors import PlimsollError
from plimsoll.store.marks import DIRECTIONS
from plimsoll.store.settings.marks import mark_of_id, mark_rows, owner_of, put_mark
from plimsoll.store.settings.services import service_labels


@section("settings_marks", "settings/marks.html")
def marks(visit: Visit, flash: Flash) -> Context:
    """List the marks by figure, and the form to set one."""
    rows = [
        {
            "mark": row,
            "title": METRIC_WORDS[row.metric],
            "sign": "≥" if DIRECTIONS[row.metric] == "at_least" else "≤",
            "value": shown(row.metric, row.value),
            "may": visit.reader.may("manage", row.owner) and not row.is_ruled,
        }
        for row in mark_rows(visit.reader.teams)
    ]
    may = visit.reader.may_somewhere("manage")
    form = flash.of("set", MarkForm, **_options(visit.reader)) if may else None
    return {"rows": rows, "form": form, "services": service_labels(visit.reader.teams) if may else {}}


@acting("manage")
def put(deed: Deed) -> HttpResponse:
    """Set a mark."""
    form = MarkForm(deed.request.POST, **_options(deed.reader))
    if form.is_valid():
        team, service = form.cleaned_data["team"], form.cleaned_data["service"]
        deed.require(service.team_id if service else team.pk if team else None)
    else:
        deed.require(None, *(each.pk for each in manageable(deed.reader)))

    def do(given: Mapping[str, Any]) -> Done:
        put_mark(
            deed.actor,
            given["metric"],
            given["value"],
            team=given["team"],
            service=given["service"],
            client=given["client"],
        )
        return Done(_("The mark is set."))

    return sent(deed, form, "set", reverse("settings_marks"), do, "value")


@acting("manage")
def remove(deed: Deed, pk: int) -> HttpResponse:
    """Remove a mark."""
    try:
        mark = mark_of_id(pk)
    except PlimsollError as error:
        raise NotHere(str(error)) from error
    deed.require(owner_of(mark))

    def do(given: Mapping[str, Any]) -> Done:
        put_mark(deed.actor, mark.metric, None, team=mark.team, service=mark.service, client=mark.client)
        return Done(_("The mark is removed."))

    return sent(deed, Nothing(deed.request.POST), f"remove-{pk}", reverse("settings_marks"), do)


def _options(reader: Reader) -> dict[str, Any]:
    return {"teams": manageable(reader), "none": _("all of them"), "services": service_labels(reader.teams)}
