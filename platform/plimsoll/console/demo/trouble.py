"""What goes wrong in the demo's company: deployments that fail, and incidents that no deployment caused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from zoneinfo import ZoneInfo

from plimsoll.console.demo import workday
from plimsoll.console.demo.company import PEOPLE, Company, Service, full_name
from plimsoll.console.demo.facts import Deployment, Incident

# Seconds until the failures of a day were remedied. Of the last 28 days the 90th percentile is 4.2 minutes, of the 28
# before 3.8 (ux, section 3.7).
_RECOVERY_S = {
    -1: (220,), -9: (168,), -15: (261,), -24: (231,),
    -30: (182,), -34: (150,), -41: (233,), -47: (221,), -54: (200,),
    -60: (214,), -64: (305,), -69: (188,), -74: (342,), -79: (160,), -85: (275,),
}  # fmt: skip
# Calm incidents keep off deployments by more than the window of blame (dora-definitions, section 4).
_CLEAR = timedelta(hours=25)
_SIGNS = (
    ("HighErrorRate", "Errors above the mark", "critical"),
    ("P95AboveMark", "P95 above 350 ms", "warning"),
    ("SaturatedPool", "Connection pool exhausted", "warning"),
)
_OUTSIDE_CAUSES = (
    ("VendorDegraded", "A vendor answers slowly", "warning"),
    ("DiskPressure", "A node is short of disk", "warning"),
    ("CertificateExpired", "A certificate ran out", "critical"),
    ("ZoneLatency", "One zone is slow", "warning"),
)


def failures(day: int) -> tuple[int, ...]:
    """Return, for each deployment of a day that fails, after how many seconds it was remedied."""
    if day < 0:
        return _RECOVERY_S.get(day, ())
    return (225,) if day % 8 == 6 else ()


def remedied(service: Service, bad: Deployment, recovery_s: int, random: Random) -> Incident:
    """Return the incident of a failed deployment, which is over `recovery_s` seconds after it opened."""
    name, title, severity = random.choice(_SIGNS)
    opened = bad.finished_at + timedelta(seconds=random.randint(90, 400))
    remedy = opened + timedelta(seconds=recovery_s)
    return Incident(
        name=f"{name}-{bad.number}",
        service=service.name,
        cluster=service.clusters[0],
        title=f"{title} in {service.name}",
        severity=severity,
        opened_at=opened,
        resolved_at=remedy + timedelta(seconds=random.randint(30, 90)),
        cause=bad.number,
        told=random.random() < 0.5,
        remedied_at=remedy,
    )


def calm_incidents(
    company: Company, deployments: Sequence[Deployment], anchor: datetime, days: int, until: datetime, zone: ZoneInfo
) -> list[Incident]:
    """Return the incidents that no deployment caused: every third day one, and two that are open at the anchor."""
    first = anchor.astimezone(zone).date()
    found = []
    for day in range(-days, (until.astimezone(zone).date() - first).days + 1):
        on = first + timedelta(days=day)
        random = Random(f"plimsoll/trouble/{company.seed}/{on.isoformat()}")
        if day % 3 == 0 and day != 0:
            opened = workday.moments(on, 1, zone, random)[0]
            found.append(_calm(company, deployments, opened, timedelta(seconds=random.randint(240, 5400)), random))
    random = Random(f"plimsoll/trouble/{company.seed}/anchor")
    for ago, severity in ((125, "SEV 3"), (41, "SEV 2")):
        opened = (anchor - timedelta(minutes=ago)).replace(microsecond=0)
        calm = _calm(company, deployments, opened, timedelta(minutes=ago + 90), random)
        if calm is not None:
            found.append(replace(calm, told=True, severity=severity, assignee=full_name(random.choice(PEOPLE))))
    return [incident for incident in found if incident is not None]


def _calm(
    company: Company, deployments: Sequence[Deployment], opened: datetime, lasts: timedelta, random: Random
) -> Incident | None:
    """Return an incident of a service that was not deployed lately, or None when all were."""
    busy = {d.service for d in deployments if began(d) <= opened <= d.finished_at + _CLEAR}
    quiet = [service for service in company.services.values() if service.name not in busy]
    name, title, severity = random.choice(_OUTSIDE_CAUSES)
    if not quiet:
        return None
    service = random.choice(quiet)
    cluster = random.choice(service.clusters)
    mark = sha256(f"{service.name}/{opened.isoformat()}".encode()).hexdigest()[:8]
    return Incident(
        name=f"{name}-{mark}",
        service=service.name,
        cluster=cluster,
        title=f"{title}: {service.name} in {cluster}",
        severity=severity,
        opened_at=opened,
        resolved_at=opened + lasts,
    )


def began(deployment: Deployment) -> datetime:
    """Return when the first attempt of a deployment began."""
    return deployment.first_try[0] if deployment.first_try else deployment.started_at
