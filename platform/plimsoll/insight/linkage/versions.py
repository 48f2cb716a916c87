"""Whether two reports are about the same version."""

import re

from plimsoll.store.facts import Attempt

_SHORTEST = 7
_HEX = re.compile(r"[0-9a-f]+")


def same_sha(one: str, other: str) -> bool:
    """Return whether two commit ids are the same; some providers cut them, so one may begin the other."""
    if one == other:
        return True
    short, long = sorted((one.lower(), other.lower()), key=len)
    return len(short) >= _SHORTEST and long.startswith(short) and _HEX.fullmatch(long) is not None


def same_version(one: Attempt, other: Attempt) -> bool:
    """Return whether two attempts are of one version: by version, else artifact, else sha, else the same run."""
    if one.run_id and one.run_id == other.run_id and one.source_id == other.source_id:
        return True
    if one.version and other.version:
        return one.version == other.version
    if one.artifact and other.artifact:
        return one.artifact == other.artifact
    return bool(one.sha and other.sha and same_sha(one.sha, other.sha))
