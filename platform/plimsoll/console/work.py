"""`plimsoll work`: the worker, a django-q2 cluster that ends when it is told to.

The cluster's own way to stop joins its processes within a signal handler, for as long as a job lasts (300 s), and for
ever when a process died with one of the queues' locks. Here the signal only sets a flag; the main loop asks the cluster
to stop and, after a grace, ends the whole process group of it. That is safe at any moment: a job is run again until
it has ended well (`plimsoll.jobs`), and each of its transactions is whole or not there.
"""

import argparse
import multiprocessing
import os
import signal
import threading
import time
import uuid
from contextlib import suppress
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from types import FrameType
from typing import Any

from plimsoll.console import database
from plimsoll.console.options import Subparsers, add_settings, apply_settings
from plimsoll.postgres import lifeline

# What is being done when the end comes gets this long.
_GRACE_S = 4.0
_EVERY_S = 0.1


def add_parser(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("work", help="run the worker alone, for containers")
    add_settings(parser, "--data")
    parser.set_defaults(run=run)


class _Ending:
    """Whether a signal has asked for the end."""

    def __init__(self) -> None:
        self.is_wanted = False
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._want)

    def _want(self, signum: int, frame: FrameType | None) -> None:
        self.is_wanted = True


def run(options: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; exit code 1 when the cluster ends by itself."""
    apply_settings(options)
    with database.available("work", is_lasting=True):
        ending = _Ending()
        _without_pool()
        lifeline.hold_forks()
        from django.conf import settings
        from django.db import connections

        from plimsoll import jobs
        from plimsoll.console.presence import present
        from plimsoll.store.catalog_file.watching import watched

        jobs.ensure_schedules()
        connections.close_all()
        context = multiprocessing.get_context("fork")
        stop, started = context.Event(), context.Event()
        cluster = context.Process(target=_cluster, args=(stop, started))
        cluster.start()
        _lead_group(cluster.pid)
        while not (started.is_set() or ending.is_wanted) and cluster.is_alive():
            time.sleep(_EVERY_S)
        with watched(settings.CATALOG, settings.TIME_ZONE), present("worker"):
            while not ending.is_wanted and cluster.is_alive():
                time.sleep(_EVERY_S)
        return _end(cluster, stop, ending.is_wanted)


def _without_pool() -> None:
    """Leave connection pools out: forked processes would share the pool's connections and miss its threads."""
    from django.db import connections

    # The type stubs know the general backend only.
    backend: Any = connections["default"]
    backend.close()
    backend.close_pool()
    backend.settings_dict["OPTIONS"].pop("pool", None)


def _lead_group(pid: int | None) -> None:
    """Put the cluster into a process group of its own: Ctrl-C must not reach it, and the end must reach all of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid or 0, 0)


def _cluster(stop: Event, started: Event) -> None:
    """Run the cluster; called in its own process."""
    _lead_group(None)
    from django_q.cluster import Sentinel

    Sentinel(stop, started, uuid.uuid4())


def _end(cluster: BaseProcess, stop: Event, was_wanted: bool) -> int:
    """End the cluster in order within the grace, then by force; return the exit code."""
    # In a thread, because setting an event waits for a lock that a killed process may have taken with it.
    threading.Thread(target=stop.set, daemon=True).start()
    cluster.join(_GRACE_S)
    assert cluster.pid is not None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(cluster.pid, signal.SIGKILL)
    cluster.kill()
    cluster.join(1)
    return 0 if was_wanted else 1
