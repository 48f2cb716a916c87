"""Flags that override settings: they become the environment that the settings are read from."""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = object

# Flag: setting, what it looks like, what it means.
_FLAGS = {
    "--data": ("PLIMSOLL_DATA", "DIR", "the folder for the database and the secret key (./plimsoll-data)"),
    "--web": ("PLIMSOLL_WEB", "HOST:PORT", "where pages, API and webhooks are served (127.0.0.1:8000)"),
    "--otlp-grpc": ("PLIMSOLL_OTLP_GRPC", "HOST:PORT", "where OTLP over gRPC is received (127.0.0.1:4317)"),
}


def add_settings(parser: argparse.ArgumentParser, *flags: str) -> None:
    """Let a command take settings as flags."""
    for flag in flags:
        setting, looks, meaning = _FLAGS[flag]
        parser.add_argument(flag, metavar=looks, dest=setting, help=f"{meaning}; overrides {setting}")


def apply_settings(options: argparse.Namespace) -> None:
    """Put the flags that were given into the environment, before the settings are read."""
    for setting, _, _ in _FLAGS.values():
        value = getattr(options, setting, None)
        if value is not None:
            os.environ[setting] = value
