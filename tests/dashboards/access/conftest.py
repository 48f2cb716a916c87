"""Hashes that are fast: that passwords are hashed well is Django's to test."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _fast_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
