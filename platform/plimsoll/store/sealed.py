"""What is kept for a moment and must not be readable in a copy of the database: sealed with the secret key."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_LONGEST_S = 10 * 60


def sealed(text: str) -> str:
    """Return the text so that only this installation can read it, for ten minutes."""
    return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(token: str) -> str | None:
    """Return the text, or None when it is too old or not ours."""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(token.encode(), ttl=_LONGEST_S).decode()
    except InvalidToken:
        return None


@lru_cache(maxsize=4)
def _cipher(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"plimsoll shown once").derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
