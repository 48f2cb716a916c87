"""What the demo's company did, day by day: a function of the seed and the anchor, the demo's very first start.

Days before the anchor's day are the past that is loaded; days after it continue the same story, so that a demo which is
left running, or started again later, goes on. Each day has its own random numbers: reading further changes no past.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1
from math import exp
from random import Random
from statistics import NormalDist
from zoneinfo import ZoneInfo

from plimsoll.console.demo import workday
from plimsoll.console.demo.company import Company, Service
from plimsoll.console.demo.facts import Commit, Deployment, History, Incident, Kind, PullRequest
from plimsoll.console.demo.trouble import calm_incidents, failures, remedied

# Deployments of a service are further apart than the hour in which attempts collapse (dora-definitions, section 4).
APART = timedelta(minutes=75)
_GOLDEN = 0.6180339887498949
_VERBS = (
    "Add",
    "Show",
    "Explain",
    "Speed up",
    "Simplify",
    "Log",
    "Cache",
    "Validate",
    "Test",
    "Rename",
    "Split",
    "Sort",
)
_THINGS = (
    "the fee breakdown", "address search", "retry budgets", "the booking calendar", "token exchange", "upload limits",
    "the audit trail", "opening hours", "the permit timeline", "map layers", "sign-in hints", "translations",
    "the refund form", "payment receipts", "waiting lists", "document previews", "the settings page", "rate limits",
)  # fmt: skip


@dataclass(slots=True)
class _Line:
    """Where one service stands: its branch, what is live and what was live before."""

    service: Service
    version: tuple[int, int, int]
    head: str
    pull_requests: int = 0
    live: Deployment | None = None
    free_from: datetime | None = None


@dataclass(slots=True)
class _Pen:
    """Writes the story down."""

    company: Company
    lines: dict[str, _Line]
    deployments: list[Deployment] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    commits: int = 0


def write(company: Company, anchor: datetime, days: int, until: datetime, zone: ZoneInfo) -> History:
    """Return the history from `days` days before the anchor to the end of the local day of `until`."""
    lines = {s.name: _Line(s, s.version, _sha(company.seed, s.name, "root")) for s in company.services.values()}
    pen = _Pen(company, lines)
    first = anchor.astimezone(zone).date()
    for day in range(-days, (until.astimezone(zone).date() - first).days + 1):
        on = first + timedelta(days=day)
        random = Random(f"plimsoll/history/{company.seed}/{on.isoformat()}")
        _day(pen, day, workday.moments(on, workday.quota(day, on), zone, random), random)
    pen.incidents += calm_incidents(company, pen.deployments, anchor, days, until, zone)
    return History(
        tuple(sorted(pen.deployments, key=lambda d: d.finished_at)),
        tuple(sorted(pen.incidents, key=lambda i: i.opened_at)),
    )


def _day(pen: _Pen, day: int, moments: list[datetime], random: Random) -> None:
    """Write the deployments of one day, and the failures if it has some."""
    failing = dict(zip((len(moments) * 3 // 5, len(moments) // 4), failures(day), strict=False))
    redeploy_after = random.randrange(len(moments)) if random.random() < 0.2 else None
    for index, moment in enumerate(moments):
        if index in failing and (line := _next_line(pen, moment, random, live=True)):
            _fail(pen, line, moment, failing[index], day, random)
        elif line := _next_line(pen, moment, random):
            _ship(pen, line, moment, "standard", day, random)
        if index == redeploy_after and (line := _next_line(pen, moment, random, live=True)):
            _redeploy(pen, line, moment + timedelta(seconds=random.randint(60, 900)), random)


def _next_line(pen: _Pen, moment: datetime, random: Random, *, live: bool = False) -> _Line | None:
    """Return the service that is deployed next: busy ones more often, none twice within an hour."""
    free = [
        line
        for line in pen.lines.values()
        if (line.free_from is None or line.free_from <= moment) and (line.live is not None or not live)
    ]
    return random.choices(free, [line.service.weight for line in free])[0] if free else None


def _ship(pen: _Pen, line: _Line, finished: datetime, kind: Kind, day: int, random: Random) -> Deployment:
    """Write one ordinary deployment: commits, perhaps a pull request, and the roll-out."""
    count = random.choices((1, 2, 3), (5, 3, 2))[0]
    waits = sorted((_wait(pen, day) for _ in range(count)), reverse=True)
    shortest = waits[-1]
    pulled = random.random() < 0.15 and shortest > timedelta(minutes=8)
    if pulled:
        pushed_at = finished - min(_share(shortest, 0.4), timedelta(minutes=40))
    else:
        pushed_at = finished - min(_share(shortest, 0.75), timedelta(seconds=random.randint(480, 1500)))
    started = finished - min(_share(finished - pushed_at, 0.6), timedelta(seconds=random.randint(150, 360)))
    commits = _commits(pen, line, [finished - wait for wait in waits], random, on_branch=pulled)
    pull_request = _pull_request(pen, line, commits, pushed_at, finished, random) if pulled else None
    line.version = _bump(line.version, random)
    return _record(pen, line, kind, started, finished, commits, pushed_at, pull_request, random)


def _share(span: timedelta, share: float) -> timedelta:
    """Return a part of a span, in whole seconds."""
    return timedelta(seconds=int(span.total_seconds() * share))


def _wait(pen: _Pen, day: int) -> timedelta:
    """Return the next lead time; a golden-ratio sequence keeps the median of any stretch close to the one meant."""
    pen.commits += 1
    share = min(max((pen.commits * _GOLDEN + pen.company.seed * 0.1) % 1.0, 0.01), 0.99)
    median_s = 60 * (28 if day >= -28 else 34 if day >= -56 else 38)
    return timedelta(seconds=round(median_s * exp(0.8 * NormalDist().inv_cdf(share))))


def _commits(pen: _Pen, line: _Line, times: list[datetime], random: Random, *, on_branch: bool) -> tuple[Commit, ...]:
    """Return commits on top of the main branch, or on a branch of their own whose beginning nobody tells."""
    commits: list[Commit] = []
    author = random.choice(pen.company.people)
    for time in times:
        parent = commits[-1].sha if commits else "" if on_branch else line.head
        message = f"{random.choice(_VERBS)} {random.choice(_THINGS)}"
        sha = _sha(pen.company.seed, line.service.name, f"{time.isoformat()}/{parent}/{message}")
        commits.append(Commit(sha, parent, time, author, message))
    return tuple(commits)


def _pull_request(
    pen: _Pen, line: _Line, commits: tuple[Commit, ...], merged: datetime, finished: datetime, random: Random
) -> PullRequest:
    """Return the pull request that brought the commits, squashed into one on the main branch."""
    line.pull_requests += 1
    author, title = commits[-1].author, commits[-1].message
    waited = merged - commits[-1].authored_at
    squash_sha = _sha(pen.company.seed, line.service.name, f"squash/{finished.isoformat()}")
    return PullRequest(
        number=line.pull_requests,
        branch=f"{author.split('-')[0]}/{title.lower().replace(' ', '-')}",
        title=title,
        author=author,
        reviewer=random.choice([person for person in pen.company.people if person != author]),
        pushed_at=commits[-1].authored_at + _share(waited, 0.1),
        opened_at=commits[-1].authored_at + _share(waited, 0.2),
        reviewed_at=commits[-1].authored_at + _share(waited, 0.8),
        merged_at=merged,
        squash=Commit(squash_sha, line.head, merged, author, f"{title} (#{line.pull_requests})"),
    )


def _record(
    pen: _Pen,
    line: _Line,
    kind: Kind,
    started: datetime,
    finished: datetime,
    commits: tuple[Commit, ...],
    pushed_at: datetime,
    pull_request: PullRequest | None,
    random: Random,
) -> Deployment:
    """Write a deployment of new commits, now and then on the second attempt, and move the branch."""
    sha = pull_request.squash.sha if pull_request else commits[-1].sha
    tried = None
    if kind == "standard" and line.live is not None and random.random() < 0.025:
        half = (finished - started) / 2
        tried = started, started + _share(half, 0.8)
        started = started + _share(half, 1.0)
    deployment = Deployment(
        number=_number(pen),
        service=line.service.name,
        repo=line.service.repo,
        kind=kind,
        version=_text(line.version),
        sha=sha,
        ref="main",
        actor=commits[-1].author,
        started_at=started,
        finished_at=finished,
        commits=commits,
        pushed_at=pushed_at,
        before=line.head,
        pull_request=pull_request,
        first_try=tried,
    )
    line.head = sha
    return _live(pen, line, deployment)


def _redeploy(pen: _Pen, line: _Line, moment: datetime, random: Random) -> None:
    """Write the same version going live again, for example with a new setting."""
    assert line.live is not None
    started = moment - timedelta(seconds=random.randint(60, 180))
    _again(pen, line, line.live, "redeploy", started, moment)


def _again(pen: _Pen, line: _Line, old: Deployment, kind: Kind, started: datetime, finished: datetime) -> Deployment:
    """Write an earlier version going live once more."""
    deployment = Deployment(
        number=_number(pen),
        service=old.service,
        repo=old.repo,
        kind=kind,
        version=old.version,
        sha=old.sha,
        ref=old.ref,
        actor=old.actor,
        started_at=started,
        finished_at=finished,
    )
    return _live(pen, line, deployment)


def _live(pen: _Pen, line: _Line, deployment: Deployment) -> Deployment:
    """Note that a deployment is what users now see."""
    pen.deployments.append(deployment)
    line.live = deployment
    line.free_from = deployment.finished_at + APART
    return deployment


def _fail(pen: _Pen, line: _Line, moment: datetime, recovery_s: int, day: int, random: Random) -> None:
    """Write a deployment that fails, the incident it causes and its remedy: mostly a rollback, else a hotfix."""
    good = line.live
    assert good is not None
    bad = _ship(pen, line, moment, "standard", day, random)
    incident = remedied(line.service, bad, recovery_s, random)
    pen.incidents.append(incident)
    assert incident.remedied_at is not None
    started = incident.opened_at + timedelta(seconds=recovery_s * 2 // 5)
    if random.random() < 0.75:
        _again(pen, line, good, "rollback", started, incident.remedied_at)
        return
    fixed = _commits(pen, line, [incident.opened_at + timedelta(seconds=recovery_s // 5)], random, on_branch=False)
    line.version = (*line.version[:2], line.version[2] + 1)
    pushed_at = fixed[-1].authored_at + timedelta(seconds=5)
    _record(pen, line, "hotfix", started, incident.remedied_at, fixed, pushed_at, None, random)


def _bump(version: tuple[int, int, int], random: Random) -> tuple[int, int, int]:
    """Return the next version: a new minor one now and then, else a patch."""
    major, minor, patch = version
    return (major, minor + 1, 0) if random.random() < 0.3 else (major, minor, patch + 1)


def _text(version: tuple[int, int, int]) -> str:
    """Return a version as people write it."""
    return "v{}.{}.{}".format(*version)


def _number(pen: _Pen) -> int:
    """Return the next deployment's number, as GitHub would give it."""
    return 2_600_000_000 + 1_000 * (pen.company.seed % 1_000_000) + len(pen.deployments)


def _sha(seed: int, *parts: str) -> str:
    """Return a commit id."""
    return sha1("/".join((str(seed), *parts)).encode(), usedforsecurity=False).hexdigest()
