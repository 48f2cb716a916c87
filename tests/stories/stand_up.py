"""A morning at City Services Cloud: everything that the wallboard of the design shows (`img/wallboard-dark.png`).

All times are relative to `now`, a stand-up at 09:30. Figures can be checked by hand:

- 484 deployments went live in the last 28 days, 17.29 a day, and 426 in the 28 before, 15.21 a day.
- Each carried one change. Their waits go round a list whose middle is 28 min, a little slower in the first weeks and as
  much faster in the last; before, everything took 6 min longer.
- 4 of those that can be judged failed, and one of this morning, whose day is not over, too: recoveries of 150, 190,
  220, 240 and 260 s, of which the P90 is 240 + 0.6 (260 - 240) = 252 s. Before, 5 of 426 and a P90 of 228 s.
- A histogram's P95 is interpolated in its bucket: 250 + 250 (950 - 869) / 125 = 412 ms, and
  250 + 250 (4750 - 4713) / 250 = 287 ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from itertools import cycle
from typing import Any, Final

from tests.stories.calls import Calls

Record = dict[str, Any]

ORGANISATION: Final = "City Services Cloud"
TEAMS: Final = {
    "identity": ("identity", "identity-sessions", "identity-consent", "audit"),
    "permits": ("permits-api", "permits-rules", "documents", "permits-review"),
    "payments": ("payments-api", "payments-checkout", "ledger", "feature-flags"),
    "housing": ("housing-api", "housing-offers", "search"),
    "transport": ("transport-api", "transport-routes", "map-tiles"),
    "health": ("health-api", "health-booking", "notify"),
}
# A team's own mark for lead time, in minutes: their median is about 28.
LEAD_MARKS: Final = {"identity": 46, "permits": 25, "payments": 30, "housing": 57, "transport": 70, "health": 40}
CLUSTER: Final = "huawei-cn-2"
# The times of the picture's day line.
HELD: Final = (
    *("09:05", "09:24", "09:54", "10:18", "10:35", "11:12", "11:30", "11:54", "13:24", "13:48", "14:11", "14:30"),
    *("15:06", "15:24", "16:05", "16:54", "17:23", "18:36"),
)
FAILED: Final = "16:20"
THIS_MORNING: Final = ("08:05", "08:31", "08:52", "09:12")
# Who deployed yesterday and today. Each deployment ends the time in which the one before can still fail.
_LATELY: Final = (
    *("permits-rules", "payments-api", "housing-api", "transport-api"),
    *("health-api", "identity-sessions", "notify", "search"),
)
# In minutes, from 16 to 40 and even about the middle, in no order.
_WAITS: Final = (28, 20, 33, 25, 36, 16, 29, 27, 40, 23, 31)
_SLOWER: Final = 6
# By week: what the two first are slower, the two last are faster.
_DRIFT: Final = (3, 1, -1, -3)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StandUp:
    """The story as of a moment, in the zone of that moment."""

    now: datetime

    def catalog(self) -> str:
        """Return the catalog file: names, marks, and who is on call."""
        lines = [
            "organisation:",
            f"  name: {ORGANISATION}",
            "  marks: {deployment_frequency: 10 per day, lead_time: 60 min,",
            "    change_failure_rate: 2 %, recovery_time: 5 min}",
            "teams:",
        ]
        for slug, lead in LEAD_MARKS.items():
            marks = f"deployment_frequency: 1 per day, lead_time: {lead} min, change_failure_rate: 50 %"
            lines.append(f"- {{slug: {slug}, name: {slug.title()}, marks: {{{marks}, recovery_time: 1 h}}}}")
        lines.append("services:")
        for slug, services in TEAMS.items():
            for name in services:
                marks = ", marks: {p95: 350 ms}" if name == "permits-api" else ""
                lines.append(f"- {{name: {name}, team: {slug}{marks}}}")
        lines.append("on_call:")
        for person, duty in (("Chen Wei", "on_call"), ("Ana Pires", "captain")):
            begin, end = (f"{self.at(clock):%Y-%m-%dT%H:%M:%S%z}" for clock in ("08:00", "18:00"))
            begin, end = (f"{text[:-2]}:{text[-2:]}" for text in (begin, end))
            lines.append(f'- {{person: {person}, duty: {duty}, from: "{begin}", until: "{end}"}}')
        return "\n".join(lines) + "\n"

    def events(self) -> list[list[Record]]:
        """Return what CI and the incident tool send, in bodies of at most a thousand records."""
        records = [*self._history(), *self._yesterday(), *self._today()]
        return [records[start : start + 1000] for start in range(0, len(records), 1000)]

    def at(self, clock: str, days: int = 0) -> datetime:
        """Return a time of a day, today or so many days later."""
        hour, minute = map(int, clock.split(":"))
        return (self.now + days * _DAY).replace(hour=hour, minute=minute, second=0, microsecond=0)

    def _history(self) -> Iterator[Record]:
        everybody = [name for services in TEAMS.values() for name in services]
        waits, slow_waits, names = cycle(_WAITS), cycle(_WAITS), cycle(everybody)
        recoveries = {-5: 150, -12: 190, -19: 240, -33: 150, -38: 180, -43: 200, -48: 216, -53: 236}
        for days, count in [*_spread(460, range(-27, -1)), *_spread(426, range(-55, -28))]:
            for number in range(count):
                name = next(names)
                # Both have an open incident now, for which something of the last days would be blamed.
                if name in ("ledger", "map-tiles") and days > -4:
                    name = "audit"
                finished = self.at("09:00", days) + number * timedelta(hours=9) / count
                week = (days + 27) // 7 if days > -28 else (days + 55) // 7
                wait = (next(waits) if days > -28 else next(slow_waits) + _SLOWER) + _DRIFT[week]
                cause = f"{name}/{days}/{number}"
                yield from _deployed(cause, name, f"v1.{100 + days}.{number}", finished, wait)
                if number == 7 and days in recoveries:
                    yield _recovered(cause, name, finished, recoveries[days])

    def _yesterday(self) -> Iterator[Record]:
        waits = cycle(wait + _DRIFT[-1] for wait in (*_WAITS[460 % len(_WAITS) :], *_WAITS[: 460 % len(_WAITS)]))
        for number, (clock, name) in enumerate(zip(HELD, cycle(_LATELY), strict=False)):
            yield from _deployed(f"{name}/-1/{number}", name, f"v2.{number}.0", self.at(clock, -1), next(waits))
        finished = self.at(FAILED, -1)
        yield from _deployed("permits-api/-1", "permits-api", "v2.14.0", finished, next(waits))
        yield _recovered("permits-api/-1", "permits-api", finished, 220)
        undone = finished + timedelta(minutes=3, seconds=40)
        back = {"kind": "deployment", "external_id": "permits-api/back", "service": "permits-api", "is_rollback": True}
        yield back | _ended("v2.13.9", undone)
        for number, (clock, name) in enumerate(zip(THIS_MORNING, _LATELY, strict=False)):
            yield from _deployed(f"{name}/0/{number}", name, f"v2.3{number}.0", self.at(clock), next(waits))
        yield from _deployed("documents/0", "documents", "v3.0.1", self.at("08:20"), next(waits))
        yield _recovered("documents/0", "documents", self.at("08:20"), 260)

    def _today(self) -> Iterator[Record]:
        yield {
            "kind": "deployment",
            "external_id": "identity/8.2.1",
            "service": "identity",
            "environment": "production",
            "version": "v8.2.1",
            "status": "running",
            "started_at": self.at("09:22").isoformat(),
            "at": self.at("09:26").isoformat(),
            "traffic_percent": 25,
        }
        yield _open("INC-7", "Payment confirmations delayed", "ledger", "SEV 2", self._ago(minutes=41), "Lin Yue")
        slow = f"Map tiles slow in {CLUSTER}"
        yield _open("INC-8", slow, "map-tiles", "SEV 3", self._ago(hours=2, minutes=5), "Omar Haddad")

    def _ago(self, **parts: int) -> datetime:
        return self.now - timedelta(**parts)

    def traffic_before(self) -> list[bytes]:
        """Return what the mesh sent two days ago, when everybody was known but one call was not yet made."""
        at = self.at("12:00", -2)
        return [
            Calls("citizen-portal", "permits-api", CLUSTER, at, fast=1000).request(),
            Calls("permits-api", "identity", CLUSTER, at, fast=1000).request(),
            Calls("housing-offers", "documents", CLUSTER, at, fast=1000).request(),
        ]

    def traffic(self, until: datetime | None = None) -> list[bytes]:
        """Return what the mesh sent since yesterday, and up to now (or until a moment)."""
        failing = self.at(FAILED, -1)
        last = (until or self.now) - timedelta(seconds=30)
        return [
            Calls("citizen-portal", "permits-api", CLUSTER, failing, fast=869, slow=125, slowest=6).request(),
            Calls("permits-api", "documents", CLUSTER, failing, fast=500).request(),
            Calls("permits-api", "identity", CLUSTER, last, fast=4713, slow=250, slowest=37, failed=5).request(),
        ]


def _spread(total: int, days: range) -> list[tuple[int, int]]:
    """Return so many deployments over days, some days with more and some with fewer."""
    even, swing = total // len(days), (0, 2, -1, 1, -3, 1)
    counts = [even + swing[index % len(swing)] for index in range(len(days))]
    index = 0
    while sum(counts) < total:
        counts[index] += 1
        index += 1
    while sum(counts) > total:
        counts[index] -= 1
        index += 1
    return list(zip(days, counts, strict=True))


def _deployed(identity: str, name: str, version: str, finished: datetime, wait_min: int) -> Iterator[Record]:
    """Yield a change that waited so long, and the deployment that carried it."""
    sha = sha1(identity.encode(), usedforsecurity=False).hexdigest()
    authored = finished - timedelta(minutes=wait_min)
    yield {"kind": "change", "repo": f"city/{name}", "sha": sha, "authored_at": authored.isoformat()}
    told = {"kind": "deployment", "external_id": identity, "service": name, "repo": f"city/{name}"}
    yield told | {"sha": sha, "commits": [sha]} | _ended(version, finished)


def _ended(version: str, finished: datetime) -> Record:
    return {
        "environment": "production",
        "version": version,
        "status": "success",
        "started_at": (finished - timedelta(minutes=4)).isoformat(),
        "finished_at": finished.isoformat(),
    }


def _recovered(cause: str, name: str, opened: datetime, seconds: int) -> Record:
    return {
        "kind": "incident",
        "external_id": f"of {cause}",
        "title": f"{name} fails",
        "service": name,
        "environment": "production",
        "status": "resolved",
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(seconds=seconds)).isoformat(),
        "caused_by": cause,
    }


def _open(identity: str, title: str, name: str, severity: str, opened: datetime, who: str) -> Record:
    return {
        "kind": "incident",
        "external_id": identity,
        "title": title,
        "service": name,
        "environment": "production",
        "severity": severity,
        "status": "open",
        "opened_at": opened.isoformat(),
        "assignees": [who],
    }
