"""The forms of signing in and of choosing a password."""

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from plimsoll.store.passwords import BadPassword, check_password

_OLD = forms.PasswordInput(attrs={"autocomplete": "current-password"})


# Names as the store takes them.
NAME = UnicodeUsernameValidator(
    message=_("This is no name to sign in with: use letters, digits and @ . + - _, such as lin.yue.")
)


class SignIn(forms.Form):
    """Name and password."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(label=_("Password"), strip=False, max_length=200, widget=_OLD)


class NewPassword(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        help_text=_("At least 12 characters, and not one that others use."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, user: User | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._user = user

    def clean(self) -> dict[str, object]:
        """Refuse passwords that differ, or that are easy to guess."""
        given = super().clean() or {}
        password, again = given.get("password"), given.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ; type the same one twice."))
        elif password:
            try:
                check_password(str(password), self._user or User(username=str(given.get("name", ""))))
            except BadPassword as error:
                self.add_error("password", error.reasons)
        return given


class First(NewPassword):
    """The first person: a name and a password."""

    name = forms.CharField(
        label=_("Your name, to sign in with"),
        max_length=150,
        validators=[NAME],
        help_text=_("Letters, digits and @ . + - _, such as lin.yue."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    field_order = ("name", "password", "again")


class ChangedPassword(NewPassword):
    """The password so far, and the new one."""

    old = forms.CharField(label=_("Password so far"), strip=False, max_length=200, widget=_OLD)
    field_order = ("old", "password", "again")
