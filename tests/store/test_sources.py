"""Sources: their addresses, and secrets that a copy of the database does not give away."""

import pytest
from django.test import override_settings

from plimsoll.errors import PlimsollError
from plimsoll.store.models import Source
from plimsoll.store.sources import add_source, count_refused, rotate_secret, secrets_of, source_of

pytestmark = pytest.mark.django_db


def test_a_source_has_an_address_that_nobody_guesses() -> None:
    one, other = add_source("github", "pay"), add_source("github", "cart")

    assert len(one.public_id) == 32
    assert one.public_id != other.public_id


def test_a_secret_is_not_in_the_database_in_clear_text() -> None:
    source = add_source("github", "pay", secret="s3cr3t")

    kept = Source.objects.get(pk=source.pk)

    assert "s3cr3t" not in str(vars(kept))
    assert secrets_of(kept) == ["s3cr3t"]


def test_two_secrets_are_active_while_one_replaces_the_other() -> None:
    source = add_source("github", "pay", secret="first")

    rotate_secret(source, "second")
    rotate_secret(source, "third")

    assert secrets_of(Source.objects.get(pk=source.pk)) == ["third", "second"]


def test_a_name_is_free_once_per_provider() -> None:
    add_source("github", "pay")
    add_source("alertmanager", "pay")

    with pytest.raises(PlimsollError, match="already a github source named 'pay'"):
        add_source("github", "pay")


def test_another_secret_key_is_explained() -> None:
    source = add_source("github", "pay", secret="s3cr3t")

    with override_settings(SECRET_KEY="another"), pytest.raises(PlimsollError, match="PLIMSOLL_SECRET_KEY"):
        secrets_of(source)


def test_a_source_is_found_under_its_own_provider_only() -> None:
    source = add_source("github", "pay")

    assert source_of("github", source.public_id) == source
    assert source_of("generic", source.public_id) is None


def test_a_disabled_source_is_not_found() -> None:
    source = add_source("github", "pay")
    Source.objects.update(disabled_at="2026-03-02T08:00:00Z")

    assert source_of("github", source.public_id) is None


def test_refusals_are_counted() -> None:
    source = add_source("github", "pay")

    count_refused(source)
    count_refused(source)

    assert Source.objects.get().refused == 2
