"""Configured senders of webhooks, and their secrets: encrypted at rest, two active while one replaces the other."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from plimsoll.errors import PlimsollError
from plimsoll.store.models import Source, Team

# How many secrets of a source are accepted at a time (webhook-providers, section 3).
ACTIVE_SECRETS = 2


def add_source(
    provider: str,
    name: str,
    *,
    secret: str | None = None,
    settings: Mapping[str, object] | None = None,
    team: Team | None = None,
) -> Source:
    """Make a source and return it; its path is `/hooks/<provider>/<public_id>`. A name is free once per provider."""
    try:
        with transaction.atomic():
            return Source.objects.create(
                provider=provider,
                name=name,
                public_id=secrets.token_urlsafe(24),
                secrets=[_encrypted(secret)] if secret else [],
                settings=dict(settings or {}),
                team=team,
            )
    except IntegrityError as error:
        raise PlimsollError(f"There is already a {provider} source named {name!r}; choose another name.") from error


def rotate_secret(source: Source, secret: str) -> None:
    """Add a secret; the one before it stays valid until the next rotation."""
    source.secrets = [_encrypted(secret), *source.secrets][:ACTIVE_SECRETS]
    Source.objects.filter(pk=source.pk).update(secrets=source.secrets, updated_at=Now())


def secrets_of(source: Source) -> list[str]:
    """Return the active secrets in clear text, newest first; PlimsollError when the secret key has changed."""
    return [_decrypted(token) for token in source.secrets[:ACTIVE_SECRETS]]


def source_of(provider: str, public_id: str) -> Source | None:
    """Return the active source behind a path, or None."""
    return Source.objects.filter(provider=provider, public_id=public_id, disabled_at=None).first()


def count_refused(source: Source) -> None:
    """Count a request that was refused because it could not prove who sent it."""
    Source.objects.filter(pk=source.pk).update(refused=F("refused") + 1)


def mark_verified(source: Source) -> None:
    """Note that the sender has reached us and knows the secret."""
    if source.verified_at is None:
        Source.objects.filter(pk=source.pk, verified_at=None).update(verified_at=Now(), updated_at=Now())


def _encrypted(secret: str) -> str:
    return _cipher(django_settings.SECRET_KEY).encrypt(secret.encode()).decode()


@lru_cache(maxsize=1024)
def _clear(key: str, token: str) -> str:
    """Remembered, as every delivery of a source needs it; the process holds the key to it anyway."""
    return _cipher(key).decrypt(token).decode()


def _decrypted(token: str) -> str:
    try:
        return _clear(django_settings.SECRET_KEY, token)
    except InvalidToken as error:
        raise PlimsollError(
            "The source's secrets were encrypted with another PLIMSOLL_SECRET_KEY; set that again, or set new secrets."
        ) from error


@lru_cache(maxsize=4)
def _cipher(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"plimsoll source secrets").derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
