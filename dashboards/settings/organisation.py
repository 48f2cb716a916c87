"""The organisation: its name, its days, how long things are kept, and how its figures are defined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.access.deeds import Deed, acting
from dashboards.frame.page import Context, Visit
from dashboards.settings.flash import Flash
from dashboards.settings.forms import OrganisationForm
from dashboards.settings.section import section
from dashboards.settings.sending import Done, sent
from plimsoll.insight.metrics import DEFINITIONS
from plimsoll.store import partitions, refusals, retention
from plimsoll.store.settings.organisation import organisation_name, rename_organisation
from plimsoll.store.settings.ruling import ruled


@dataclass(frozen=True, slots=True)
class Value:
    """A value that the pages only show: what it is, and the setting it comes from (empty: it is built in)."""

    title: str
    value: str
    setting: str = ""


@section("settings_organisation", "settings/organisation.html")
def organisation(visit: Visit, flash: Flash) -> Context:
    """Show the organisation, and the form for its name."""
    name = organisation_name()
    is_ruled = True in ruled("organisation")
    may = visit.reader.may("administer") and not is_ruled
    return {
        "name": name,
        "is_ruled": is_ruled,
        "form": flash.of("name", OrganisationForm, initial={"name": name}) if may else None,
        "zone_name": settings.TIME_ZONE,
        "kept": _kept(),
        "definitions": _definitions(),
    }


@acting("administer")
def rename(deed: Deed) -> HttpResponse:
    """Give the organisation a name."""
    deed.require()

    def do(given: Mapping[str, Any]) -> Done:
        rename_organisation(deed.actor, given["name"])
        return Done(_("The name is changed."))

    return sent(deed, OrganisationForm(deed.request.POST), "name", reverse("settings_organisation"), do, "name")


def _kept() -> list[Value]:
    """Return how long things are kept."""
    minutes = int(partitions.minutes_kept().total_seconds() // 3600)
    return [
        Value(_("Traffic of each edge, by the minute"), _hours(minutes), "PLIMSOLL_MINUTES_KEPT_H"),
        Value(_("Counters of what was received"), _days(retention.HEALTH_KEPT.days)),
        Value(_("Jobs that failed"), _days(retention.FAILURES_KEPT.days)),
        Value(
            _("Reasons of refusals, for each sender"),
            ngettext("the last %(n)s", "the last %(n)s", refusals.KEPT) % {"n": refusals.KEPT},
        ),
        Value(_("Deployments, changes, incidents, deliveries, audit"), _("for ever")),
    ]


def _definitions() -> list[Value]:
    found = []
    for each in DEFINITIONS.values():
        hours = int(each.attribution_window.total_seconds() // 3600)
        found.append(Value(_("Counted environments"), ", ".join(_(name) for name in each.environment_classes)))
        found.append(Value(_("A deployment can be blamed for an incident"), _hours(hours)))
    return found


def _hours(n: int) -> str:
    return ngettext("%(n)s hour", "%(n)s hours", n) % {"n": n}


def _days(n: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", n) % {"n": n}
