"""Scheduled and requested work, done by the worker (django-q2).

A job is a function without arguments that does all there is to do and may be run again at any time. At most one run of
each is under way over all workers. What was asked for in vain (the worker was killed, the database went away) is done
when somebody asks again, or else caught up with by the schedule.
"""

from datetime import timedelta
from importlib import import_module

from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from plimsoll.store import locks, requests

# Name: the function, and after how many minutes it is run again.
JOBS = {
    "normalise": ("ingest.webhooks.normalise.run", 1),
    "sweep": ("ingest.otlp.sweep.run", 1),
    "partitions": ("plimsoll.store.partitions.run", 5),
    "retention": ("plimsoll.store.retention.run", 5),
}

# Successes are not kept; a failure is kept, and not tried again by the queue: the schedule does that.
_OPTIONS = {"save": False, "ack_failure": True}

# What is asked for begins within a second or two, when a worker is free.
_LOST_AFTER_S = 5.0


def ask(name: str) -> None:
    """Have a job run soon. Requests are coalesced: until it begins, further ones change nothing.

    Inside a transaction the request is made when that has committed, so that the job sees what it was asked for.
    """
    if name not in JOBS:
        raise KeyError(name)
    transaction.on_commit(lambda: _request(name))


def _request(name: str) -> None:
    with transaction.atomic():
        if requests.add(name) or _is_lost(name):
            async_task("plimsoll.jobs.run", name, q_options=_OPTIONS)


def _is_lost(name: str) -> bool:
    """Whether a request has been waiting for long, and neither a run under way nor a task in the queue will find it.

    So it is when the database or a worker died with the task in hand. A task too many does no harm, and as long as one
    waits in the queue there is no other.
    """
    if requests.wait_s(name) < _LOST_AFTER_S or is_running(name):
        return False
    return not OrmQ.objects.filter(lock__lte=timezone.now()).exists()


def run(name: str) -> None:
    """Do a job, unless it is being done; then whoever does it looks for further requests when done.

    The request is forgotten before the work begins: what is asked for from then on is a new request. So every request
    is followed by a run that began after it, without a worker ever waiting for another one.
    """
    function, _ = JOBS[name]
    while True:
        with locks.attempt(locks.Kind.JOB, name) as is_mine:
            if not is_mine:
                return
            requests.take(name)
            module, _, attribute = function.rpartition(".")
            getattr(import_module(module), attribute)()
        if not requests.is_waiting(name):
            return


def is_running(name: str) -> bool:
    """Whether some worker is doing a job at this moment."""
    return locks.holders(locks.Kind.JOB, name) > 0


def ensure_schedules() -> None:
    """Write the schedules of all jobs, removing those of jobs that are no more, and run every job once now."""
    with transaction.atomic():
        # Workers may start together, and nothing else keeps the names of schedules apart.
        locks.hold(locks.Kind.JOB, "schedules")
        Schedule.objects.filter(func="plimsoll.jobs.run").exclude(name__in=JOBS).delete()
        for name, (_, minutes) in JOBS.items():
            settings = {
                "func": "plimsoll.jobs.run",
                "args": repr((name,)),
                "kwargs": repr({"q_options": _OPTIONS}),
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
                "repeats": -1,
                "next_run": timezone.now() + timedelta(minutes=minutes),
            }
            Schedule.objects.update_or_create(name=name, func="plimsoll.jobs.run", defaults=settings)
    for name in JOBS:
        async_task("plimsoll.jobs.run", name, q_options=_OPTIONS)
