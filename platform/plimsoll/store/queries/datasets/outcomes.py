"""What became of a deployment in one word, as the database knows it without looking at telemetry.

The rule is that of `insight/outcome`; a test compares the two.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, SmallIntegerField, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import In

from plimsoll.store.facts import WATCH
from plimsoll.store.models import Deployment

OUTCOMES = ("failed", "held", "pending", "running", "undecided")

_PLANNED = ("standard", "hotfix")
_UNFINISHED = ("pending", "running", "unknown")


def _code(outcome: str) -> Value:
    return Value(OUTCOMES.index(outcome))


_BEGAN = Coalesce("started_at", "finished_at")
_TOUCHED = Q(status__in=("success", *_UNFINISHED)) | Q(rolled_back=True) | Q(failed=True)

_PARTS = Deployment.objects.filter(rollout_of=OuterRef("pk"), is_deleted=False).order_by()
# The last of its rollouts may have ended long after the first. Those of the last hour are few, and found once.
_LATE = Deployment.objects.filter(
    rollout_of__isnull=False, is_deleted=False, status="success", finished_at__gt=Now() - WATCH
)
# Where one run went live, the others' ends are none of the deployment.
_ENDED_LATELY = Q(status="success", finished_at__gt=Now() - WATCH) | Q(pk__in=_LATE.values("rollout_of"))
_OWN_BEGIN = Coalesce(OuterRef("started_at"), OuterRef("finished_at"))
# A run that failed may have been run again: its rollouts tell, as `deployments_of_window` has it.
_GONE_ON = Exists(Deployment.objects.filter(_TOUCHED, rollout_of=OuterRef("pk"), is_deleted=False).order_by())
_LATER = (
    Deployment.objects.annotate(began=_BEGAN)
    .filter(
        _TOUCHED | Q(_GONE_ON),
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        rollout_of=None,
        is_deleted=False,
    )
    .filter(Q(began__gt=_OWN_BEGIN) | Q(began=_OWN_BEGIN, pk__gt=OuterRef("pk")))
    .order_by()
)
# Apart, so that the index on the finish finds the few that may be later.
_FOLLOWED = Q(Exists(_LATER.filter(finished_at__gte=_OWN_BEGIN))) | Q(Exists(_LATER.filter(finished_at=None)))
_IS_WATCHED = Q(kind__in=_PLANNED) & _ENDED_LATELY & ~_FOLLOWED
# Few rows are parts of another: said here, for the database would look at all that succeeded.
_LIVE_ELSEWHERE = Exists(_PARTS.filter(status="success", rollout_of__isnull=False))

# As its place in OUTCOMES: numbers are sorted and counted in a fraction of the time that words take.
OUTCOME = Case(
    When(failed=True, then=_code("failed")),
    When(Q(failed=False) & _IS_WATCHED, then=_code("pending")),
    When(failed=False, then=_code("held")),
    When(Q(status__in=("pending", "running")) & ~Q(_LIVE_ELSEWHERE), then=_code("running")),
    default=_code("undecided"),
    output_field=SmallIntegerField(),
)


def with_outcome(values: Sequence[str]) -> Q:
    """Return the deployments with one of these outcomes."""
    return Q(In(OUTCOME, [OUTCOMES.index(value) for value in values if value in OUTCOMES]))


def outcomes(deployments: Collection[int]) -> dict[int, str]:
    """Return what became of these deployments, by their numbers."""
    statement, values = _every()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE deployment.id = ANY (%s)", [*values, list(deployments)])
        return {pk: OUTCOMES[code] for pk, code in cursor.fetchall()}


@cache
def _every() -> tuple[str, tuple[Any, ...]]:
    """Return the question about all deployments: the rule as SQL. To write that takes ten times as long as to ask."""
    return Deployment.objects.order_by().values_list("pk", OUTCOME).query.sql_with_params()


def at() -> Coalesce:
    """Return when a deployment counts: its finish, else the best that is known."""
    return Coalesce(F("finished_at"), F("started_at"), F("queued_at"))
