"""The forms of the settings: what each may hold, and what to write instead of what it may not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dashboards.access.forms import NAME
from dashboards.settings.values import NotALevel, level
from dashboards.times import zone_named
from plimsoll.store.access import SCOPES
from plimsoll.store.environments import CLASSES
from plimsoll.store.marks import DIRECTIONS
from plimsoll.store.models import Service, Team
from plimsoll.store.senders import Sender
from plimsoll.store.settings.services import service_of_id
from plimsoll.store.settings.teams import team_of
from plimsoll.store.slugs import is_slug

Text = Any  # what gettext and gettext_lazy return; the stubs have no public name for both
Choices = Sequence[tuple[str, Text]]

# Choices that are names stay as they are in every language.
_NAMES = {"translate": "no"}

ROLE_WORDS: Mapping[str, Text] = {
    "viewer": gettext_lazy("viewer: sees"),
    "member": gettext_lazy("member: also acts on incidents and claims services"),
    "team_admin": gettext_lazy("team admin: also changes what belongs to the team"),
    "site_admin": gettext_lazy("site admin: changes everything"),
}
CLASS_WORDS: Mapping[str, Text] = {
    "production": gettext_lazy("production"),
    "staging": gettext_lazy("staging"),
    "testing": gettext_lazy("testing"),
    "development": gettext_lazy("development"),
    "other": gettext_lazy("other"),
}
SCOPE_WORDS: Mapping[str, Text] = {
    "ingest": gettext_lazy("ingest: sends telemetry"),
    "read": gettext_lazy("read: reads the API and the pages"),
    "write": gettext_lazy("write: reports deployments and incidents"),
    "admin": gettext_lazy("admin: reads, writes and administers"),
}
METRIC_WORDS: Mapping[str, Text] = {
    "deployment_frequency": gettext_lazy("Deployments per day"),
    "lead_time": gettext_lazy("Lead time, median"),
    "change_failure_rate": gettext_lazy("Change failure rate"),
    "recovery_time": gettext_lazy("Recovery time, P90"),
    "error_rate": gettext_lazy("Error rate"),
    "p95_ms": gettext_lazy("P95 latency"),
}


def words_of(words: Mapping[str, Text], names: Iterable[str]) -> list[tuple[str, Text]]:
    """Return choices in the order of their names."""
    return [(name, words[name]) for name in names]


def line(
    label: Text, help_text: Text = "", *, required: bool = True, most: int = 200, **options: Any
) -> forms.CharField:
    """Return a field for a line of text."""
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=most, **options)


class OrganisationForm(forms.Form):
    """The organisation's name."""

    name = line(gettext_lazy("Name"), gettext_lazy("Shown on the wallboard and on top of reports."), most=100)


class NewTeam(forms.Form):
    """A team to make."""

    name = line(gettext_lazy("Name"), gettext_lazy("What people call it, such as Payments."), most=100)
    slug = forms.SlugField(
        label=gettext_lazy("Name in addresses"),
        help_text=gettext_lazy("Letters, digits, - and _, such as payments. It stays as it is."),
        max_length=50,
        error_messages={"invalid": gettext_lazy("Use letters, digits, - and _ alone, such as payments.")},
    )

    def clean_slug(self) -> str:
        """Refuse a name that is taken, by a team or by the organisation."""
        slug = str(self.cleaned_data["slug"])
        if not is_slug(slug):
            raise forms.ValidationError(_("The organisation has this name in addresses; choose another one."))
        if team_of(slug) is not None:
            raise forms.ValidationError(_("There is a team of this name already; choose another one."))
        return slug


class TeamForm(forms.Form):
    """A team's name, and which days are its."""

    name = line(gettext_lazy("Name"), most=100)
    time_zone = line(
        gettext_lazy("Time zone"),
        gettext_lazy("Such as Asia/Shanghai; empty: the organisation's."),
        required=False,
        most=60,
    )

    def clean_time_zone(self) -> str:
        """Refuse a zone that does not exist."""
        name = str(self.cleaned_data["time_zone"]).strip()
        try:
            return name if not name else zone_named(name).key
        except ValueError as error:
            raise forms.ValidationError(
                _("There is no time zone of this name; write one such as Europe/Berlin.")
            ) from error


class OfTeam(forms.Form):
    """A form with a team among those that the reader may choose; the empty choice is the organisation's or nobody's."""

    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False, widget=forms.Select(attrs=_NAMES))

    def __init__(self, *args: Any, teams: Sequence[Team] = (), none: Text | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._teams = {str(team.pk): team for team in teams}
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        empty: list[tuple[str, Text]] = [] if none is None else [("", none)]
        field.choices = [*empty, *((str(team.pk), team.name) for team in teams)]
        field.required = none is None

    def clean_team(self) -> Team | None:
        """Return the team itself."""
        return self._teams.get(str(self.cleaned_data["team"]))


class ServiceForm(OfTeam):
    """A service's owner, tier and description."""

    tier = line(
        gettext_lazy("Tier"), gettext_lazy("How much it matters, in your words, such as 1 or critical."),
        required=False, most=40,
    )  # fmt: skip
    description = forms.CharField(
        label=gettext_lazy("Description"),
        help_text=gettext_lazy("One sentence on what it is for."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class EnvironmentForm(forms.Form):
    """The class of an environment."""

    environment_class = forms.ChoiceField(label=gettext_lazy("Class"), choices=words_of(CLASS_WORDS, CLASSES))


class TokenForm(OfTeam):
    """A token to make."""

    name = line(gettext_lazy("Name"), gettext_lazy("The tool that will use it, such as grafana."), most=100)
    scope = forms.ChoiceField(label=gettext_lazy("Scope"))
    cluster = line(
        gettext_lazy("Cluster"), gettext_lazy("For telemetry that does not name its own."), required=False, most=100
    )
    environment = line(
        gettext_lazy("Environment"), gettext_lazy("For telemetry that does not name its own."), required=False, most=100
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"),
        help_text=gettext_lazy("Empty: it does not end by itself."),
        required=False,
        min_value=1,
        max_value=3650,
    )
    field_order = ("name", "scope", "team", "cluster", "environment", "days")

    def __init__(self, *args: Any, scopes: Sequence[str] = SCOPES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = words_of(SCOPE_WORDS, scopes)

    @property
    def ends_at(self) -> datetime | None:
        """When the token ends."""
        days = self.cleaned_data.get("days")
        return timezone.now() + timedelta(days=days) if days else None


class SourceForm(OfTeam):
    """A source to add."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"), widget=forms.Select(attrs=_NAMES))
    name = line(gettext_lazy("Name"), gettext_lazy("What it is called in lists, such as shop."), most=100)
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        help_text=gettext_lazy("What the sender signs with. Empty: one is made and shown once."),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    default_environment = line(
        gettext_lazy("Environment"), gettext_lazy("For deployments that do not name theirs."), required=False, most=100
    )
    default_service = line(
        gettext_lazy("Service"), gettext_lazy("For what does not name its service."), required=False, most=100
    )
    more = forms.CharField(
        label=gettext_lazy("More settings, as JSON"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    field_order = ("provider", "name", "secret", "team", "default_environment", "default_service", "more")

    def __init__(self, *args: Any, senders: Mapping[str, Sender], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._senders = senders
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in sorted(senders)]

    def clean_more(self) -> dict[str, object]:
        """Return the settings, or say which of them nobody reads."""
        text = str(self.cleaned_data["more"]).strip()
        try:
            given = json.loads(text or "{}")
        except ValueError as error:
            raise forms.ValidationError(_("This is not JSON: %(why)s.") % {"why": error}) from error
        if not isinstance(given, dict):
            raise forms.ValidationError(_('Write an object, such as {"service_map": {"shop": "checkout"}}.'))
        return given

    def clean(self) -> dict[str, Any]:
        """Say which settings this provider does not have."""
        given = super().clean() or {}
        sender = self._senders.get(str(given.get("provider")))
        unknown = sorted(given.get("more", {}).keys() - sender.settings) if sender else []
        if sender and unknown:
            words = {"names": ", ".join(unknown), "known": ", ".join(sorted(sender.settings))}
            self.add_error("more", _("Nobody reads %(names)s here; there are %(known)s.") % words)
        return given

    @property
    def settings(self) -> dict[str, object]:
        """Everything that the source is told."""
        given = {name: self.cleaned_data.get(name) for name in ("default_environment", "default_service")}
        return {**self.cleaned_data["more"], **{name: value for name, value in given.items() if value}}


class SecretForm(forms.Form):
    """A new secret for a source."""

    secret = forms.CharField(
        label=gettext_lazy("New secret"),
        help_text=gettext_lazy("Empty: one is made and shown once. The one before it is valid until the next change."),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class ScreenForm(OfTeam):
    """A screen to put up."""

    name = line(gettext_lazy("Name"), gettext_lazy("Where it hangs, such as 3rd floor."), most=100)
    field_order = ("name", "team")


class MarkForm(OfTeam):
    """A mark of the organisation, a team, a service, or the calls between two services."""

    metric = forms.ChoiceField(label=gettext_lazy("Figure"), choices=words_of(METRIC_WORDS, DIRECTIONS))
    value = line(
        pgettext_lazy("of a mark", "Level"), gettext_lazy("Such as 2 (a day), 30 min, 1.5 % or 350 ms."), most=30
    )
    service = line(
        gettext_lazy("Service"), required=False, help_text=gettext_lazy("Empty: all of them."),
        widget=forms.TextInput(attrs={"list": "services"}),
    )  # fmt: skip
    client = line(
        gettext_lazy("Called by"), required=False, help_text=gettext_lazy("For the calls of one service alone."),
        widget=forms.TextInput(attrs={"list": "services"}),
    )  # fmt: skip
    field_order = ("metric", "value", "team", "service", "client")

    def __init__(self, *args: Any, services: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._services = services

    def clean_service(self) -> Service | None:
        """Return the service itself."""
        return self._service("service")

    def clean_client(self) -> Service | None:
        """Return the calling service itself."""
        return self._service("client")

    def clean(self) -> dict[str, Any]:
        """Refuse what is no level, and what would be about two things at once."""
        given = super().clean() or {}
        if given.get("value") and given.get("metric"):
            try:
                given["value"] = level(given["metric"], given["value"])
            except NotALevel as error:
                self.add_error("value", str(error))
        if given.get("team") and given.get("service"):
            self.add_error("team", _("A mark is a team's or a service's; leave one of them empty."))
        if given.get("client") and not given.get("service"):
            self.add_error("service", _("Name the service that is called, too."))
        return given

    def _service(self, name: str) -> Service | None:
        label = str(self.cleaned_data[name]).strip()
        if not label:
            return None
        pk = self._services.get(label)
        same = [known for known in self._services if known.rpartition("/")[2] == label]
        if pk is None and len(same) == 1:
            pk = self._services[same[0]]
        if pk is not None:
            return service_of_id(pk)
        if same:
            raise forms.ValidationError(_("There are several: %(names)s.") % {"names": ", ".join(same[:5])})
        near = get_close_matches(label, self._services, 3)
        if near:
            raise forms.ValidationError(
                _("There is no such service. Did you mean %(names)s?") % {"names": ", ".join(near)}
            )
        raise forms.ValidationError(_("There is no such service; Services lists all of them."))


class PersonForm(OfTeam):
    """Somebody to let in."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("What they sign in with, such as lin.yue."),
        max_length=150,
        validators=[NAME],
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    field_order = ("name", "role", "team")

    def __init__(self, *args: Any, roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = words_of(ROLE_WORDS, roles)

    def clean(self) -> dict[str, Any]:
        """Refuse roles that do not go with a team, or without one."""
        given = super().clean() or {}
        team, role = given.get("team"), given.get("role")
        if role == "site_admin" and team is not None:
            self.add_error("team", _("A site admin is not bound to a team; leave it empty."))
        if role == "team_admin" and team is None and "team" not in self.errors:
            self.add_error("team", _("A team admin needs a team; choose one."))
        return given


class RoleForm(PersonForm):
    """A role for somebody who is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["name"]
