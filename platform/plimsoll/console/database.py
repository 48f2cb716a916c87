"""What a single command needs around it: Django, and a database that answers."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from plimsoll import env
from plimsoll.console import folder
from plimsoll.errors import BadSetting, PlimsollError
from plimsoll.postgres import embedded

_PATIENCE_S = 30.0


def data_folder() -> Path:
    """Return the data folder of the settings, without reading the others."""
    return env.path("PLIMSOLL_DATA", "./plimsoll-data")


def database_url() -> str:
    """Return the address of the database: the configured one, or the embedded one's."""
    return env.text("PLIMSOLL_DATABASE_URL") or embedded.socket_url(data_folder())


def is_embedded() -> bool:
    """Whether the database is ours to start and stop."""
    return not env.text("PLIMSOLL_DATABASE_URL")


def check_url() -> None:
    """Raise BadSetting when PLIMSOLL_DATABASE_URL cannot be understood; without its words, which hold a password."""
    url = env.text("PLIMSOLL_DATABASE_URL")
    if url and not _is_understood(url):
        raise BadSetting(
            "PLIMSOLL_DATABASE_URL is not postgresql://USER:PASSWORD@HOST:PORT/NAME; write special characters in the "
            "password as %40 and the like."
        )


def _is_understood(url: str) -> bool:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = urlsplit(url)
        conninfo_to_dict(url)
        return parts.scheme in ("postgresql", "postgres") and parts.port != 0
    except (ValueError, psycopg.ProgrammingError):
        return False


def shown(url: str) -> str:
    """Return a database's address as it may be shown: without the password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}{parts.path}"


@contextmanager
def available(holder: str, *, is_lasting: bool = False, needs_schema: bool = True) -> Iterator[None]:
    """Set Django up around a command, with a database that answers and has this version's schema.

    When nobody runs the embedded database, it runs for the command's own duration; whoever starts it also brings its
    schema up to date. A lasting command is one whose database others may use meanwhile.
    """
    check_url()
    with ExitStack() as stack:
        is_ours = is_embedded() and _started(stack, holder, is_lasting)
        _connect()
        from plimsoll.store import migrated

        if needs_schema:
            if is_ours:
                migrated.migrate()
            else:
                migrated.require()
        yield


def _started(stack: ExitStack, holder: str, is_lasting: bool) -> bool:
    """Start the embedded database, unless a lasting command runs it; return whether it was started."""
    data = data_folder()
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            stack.enter_context(folder.locked(data, holder, is_lasting=is_lasting))
        except folder.InUse:
            if embedded.is_running(data):
                return False
            if time.monotonic() > deadline:
                raise PlimsollError(f"The database in {data} is starting or stopping; try again later.") from None
            time.sleep(0.1)
        else:
            stack.callback(embedded.stop, embedded.start(data))
            return True


def set_up() -> None:
    """Set Django up; it needs no database for that."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plimsoll.settings")
    django.setup()


def _connect() -> None:
    """Set Django up and try to connect; PlimsollError when the database does not answer."""
    set_up()
    import psycopg

    from plimsoll.store import connections

    try:
        connections.opened(patience_s=5).close()
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[0]
        raise PlimsollError(f"The database {shown(database_url())} does not answer: {said}") from error
