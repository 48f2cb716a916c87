"""Gathers the commits that a series' deployments need, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from plimsoll.insight.linkage.commits import MOST_ORIGINALS, MOST_STEPS, Commits, made_at
from plimsoll.insight.linkage.ranges import Carrier
from plimsoll.store.facts import Change
from plimsoll.store.queries import linkage as stored

_FULL = 40
_BRANCH_GAP = timedelta(days=365)


def placed(carriers: Sequence[Carrier]) -> list[Carrier]:
    """Return the carriers with the repository found for those whose sender did not say it."""
    unplaced = {sha for c in carriers if c.repo is None for sha in (c.sha, *c.commits[:1]) if sha}
    repos = stored.repos_of_commits(unplaced)
    if not repos:
        return list(carriers)
    return [
        c
        if c.repo is not None
        else replace(c, repo=repos.get(c.sha or "") or repos.get(c.commits[0] if c.commits else ""))
        for c in carriers
    ]


def whole(carriers: Sequence[Carrier]) -> list[Carrier]:
    """Return the carriers with cut commit ids completed where only one known commit begins so."""
    cut: defaultdict[str, set[str]] = defaultdict(set)
    for carrier in carriers:
        for sha in (carrier.sha, carrier.previous_sha, carrier.previous, *carrier.live_shas):
            if carrier.repo is not None and sha and len(sha) < _FULL:
                cut[carrier.repo].add(sha)
    if not cut:
        return list(carriers)
    known = Commits(stored.commits_by_sha(cut))
    return [_completed(carrier, known) for carrier in carriers]


def _completed(carrier: Carrier, known: Commits) -> Carrier:
    def full(sha: str | None) -> str | None:
        commit = known.find(carrier.repo or "", sha) if sha and len(sha) < _FULL else None
        return commit.sha if commit is not None else sha

    return replace(
        carrier,
        sha=full(carrier.sha),
        previous_sha=full(carrier.previous_sha),
        previous=full(carrier.previous),
        live_shas=frozenset(full(sha) or sha for sha in carrier.live_shas),
    )


def known_commits(series: Mapping[stored.SeriesKey, Sequence[Carrier]]) -> Commits:
    """Return the commits and pull requests that say what these deployments carried."""
    everything = [carrier for carriers in series.values() for carrier in carriers]
    found = {change.id: change for change in _walked(series.values())}
    found |= {change.id: change for change in stored.commits_by_sha(_mentioned(everything))}
    found |= {change.id: change for change in _branches(everything, Commits(found.values()))}
    shas: defaultdict[str, set[str]] = defaultdict(set)
    for change in found.values():
        if change.sha:
            shas[change.repo].add(change.sha)
    for carrier in everything:
        if carrier.is_walked and carrier.repo is not None and carrier.sha is not None:
            shas[carrier.repo].add(carrier.sha)
    pulls = stored.merged_pulls(shas)
    unknown = [pull.id for pull in pulls if pull.head_sha and pull.head_sha not in shas[pull.repo]]
    originals = stored.pull_request_commits(unknown, MOST_ORIGINALS)
    return Commits([*found.values(), *pulls, *(change for change in originals if change.id not in found)])


def fallen_back(carriers: Iterable[Carrier]) -> set[int]:
    """Return which of these, that brought nothing new, put an older commit in the place of what was live before.

    That is one that was live earlier, or an ancestor of the one it replaces (webhook-providers, section 2).
    """
    suspects = [(c, c.repo, c.sha, c.previous) for c in carriers if c.sha != c.previous]
    doubtful = [(repo, previous, sha) for _, repo, sha, previous in suspects if repo and sha and previous]
    seeds = [(walker, repo, previous) for walker, (repo, previous, _) in enumerate(doubtful)]
    stops = [(walker, sha) for walker, (_, _, sha) in enumerate(doubtful)]
    commits = Commits(stored.walked(seeds, stops, MOST_STEPS))
    return {
        carrier.id
        for carrier, repo, sha, previous in suspects
        if sha and previous and (sha in carrier.live_shas or (repo and commits.walk(repo, previous, {sha})[1]))
    }


def _walked(series: Iterable[Sequence[Carrier]]) -> list[Change]:
    """Return the commits between what was live before and what is deployed; each series has its own stops."""
    seeds: list[tuple[int, str, str]] = []
    stops: set[tuple[int, str]] = set()
    walker = 0
    for carriers in series:
        walker += 1
        shared = walker
        for carrier in carriers:
            if not carrier.is_walked or carrier.repo is None or carrier.sha is None:
                continue
            own = shared
            if carrier.previous_sha:
                walker += 1
                own = walker
            seeds.append((own, carrier.repo, carrier.sha))
            stops |= {(own, sha) for sha in carrier.stops}
    return stored.walked(seeds, stops, MOST_STEPS)


def _mentioned(carriers: Iterable[Carrier]) -> dict[str, set[str]]:
    """Return the commits that senders list, and those that were live just before."""
    shas: defaultdict[str, set[str]] = defaultdict(set)
    for carrier in carriers:
        if carrier.repo is None:
            continue
        shas[carrier.repo] |= set(carrier.commits)
        if carrier.is_walked:
            shas[carrier.repo] |= {sha for sha in (carrier.previous_sha, carrier.previous) if sha}
    return shas


def _branches(carriers: Iterable[Carrier], known: Commits) -> list[Change]:
    """Return the commits of branches whose sender does not tell parents."""
    wanted = []
    for carrier in carriers:
        if not carrier.is_walked or carrier.repo is None or carrier.sha is None:
            continue
        newer = known.find(carrier.repo, carrier.sha)
        older = known.find(carrier.repo, carrier.previous_sha or carrier.previous or "")
        if newer is None or older is None or newer.parent_sha is not None or newer.branch != older.branch:
            continue
        since, until = made_at(older), made_at(newer)
        if since is not None and until is not None and since < until <= since + _BRANCH_GAP:
            wanted.append((carrier.repo, newer.branch, since, until))
    return stored.commits_between(wanted)
