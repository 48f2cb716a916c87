"""What became of a deployment in one word, as the database knows it without looking at telemetry.

`failed` and what may still fail are the change failure rate's own rules (`insight/metrics/change_failure_rate`); a test
compares the two.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import In

from plimsoll.store.models import Deployment

OUTCOMES = ("failed", "held", "pending", "running", "undecided")

# As long as a deployment can be blamed for an incident by time alone (dora-definitions, section 4).
_ATTRIBUTION = timedelta(hours=24)
_PLANNED = ("standard", "hotfix")
_UNFINISHED = ("pending", "running", "unknown")

_BEGAN = Coalesce("started_at", "finished_at")
_TOUCHED = Q(status__in=("success", *_UNFINISHED)) | Q(rolled_back=True) | Q(failed=True)

_PARTS = Deployment.objects.filter(rollout_of=OuterRef("pk"), is_deleted=False).order_by()
# The last of its rollouts may have ended a while after the first.
_ENDED_LATELY = Q(finished_at__gt=Now() - _ATTRIBUTION) | Exists(
    _PARTS.filter(status="success", finished_at__gt=Now() - _ATTRIBUTION)
)
_LATER = (
    Deployment.objects.annotate(began=_BEGAN)
    .filter(
        _TOUCHED,
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        rollout_of=None,
        is_deleted=False,
    )
    .filter(
        Q(began__gt=Coalesce(OuterRef("started_at"), OuterRef("finished_at")))
        | Q(began=Coalesce(OuterRef("started_at"), OuterRef("finished_at")), pk__gt=OuterRef("pk"))
    )
    .order_by()
)
_MAY_STILL_FAIL = Q(kind__in=_PLANNED) & _ENDED_LATELY & ~Q(Exists(_LATER))
_LIVE_ELSEWHERE = Exists(_PARTS.filter(status="success"))

OUTCOME = Case(
    When(failed=True, then=Value("failed")),
    When(Q(failed=False) & _MAY_STILL_FAIL, then=Value("pending")),
    When(failed=False, then=Value("held")),
    When(Q(status__in=("pending", "running")) & ~Q(_LIVE_ELSEWHERE), then=Value("running")),
    default=Value("undecided"),
    output_field=CharField(),
)


def with_outcome(values: Sequence[str]) -> Q:
    """Return the deployments with one of these outcomes."""
    return Q(In(OUTCOME, list(values)))


def at() -> Coalesce:
    """Return when a deployment counts: its finish, else the best that is known."""
    return Coalesce(F("finished_at"), F("started_at"), F("queued_at"))
