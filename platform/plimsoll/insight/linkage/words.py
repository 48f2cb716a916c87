"""What words in titles, branches and labels tell: repairs, merges, and the incidents they name."""

import re
from collections.abc import Iterable

# A title that begins so, after a tag or an emoji: `Revert "..."`, `hotfix(pay): ...`, `[HOTFIX] ...`.
_REPAIR_TITLE = re.compile(r"^\W*(revert|hot[-_ ]?fix)\b", re.IGNORECASE)
# A part of a branch or ref: `hotfix/login`, `revert-123-main`, `refs/heads/hotfix`.
_REPAIR_BRANCH = re.compile(r"(^|/)(revert|hot[-_]?fix)([-_/.0-9]|$)", re.IGNORECASE)
_REPAIR_LABEL = re.compile(r"^(type[:/ ]\s*)?(revert|hot[-_ ]?fix)$", re.IGNORECASE)
_MERGE_TITLE = re.compile(r"^Merge (pull request|remote-tracking branch|branch|tag|commit) ")
_SHORTEST_NAME = 4


def is_repair(titles: Iterable[str], branches: Iterable[str], labels: Iterable[str]) -> bool:
    """Return whether any of the words says hotfix or revert."""
    return (
        any(_REPAIR_TITLE.search(title) for title in titles)
        or any(_REPAIR_BRANCH.search(branch) for branch in branches)
        or any(_REPAIR_LABEL.search(label) for label in labels)
    )


def is_merge(title: str | None) -> bool:
    """Return whether a commit's title is one that git or a host writes for a merge."""
    return title is not None and _MERGE_TITLE.search(title) is not None


def names(texts: Iterable[str], external_id: str, repo: str | None) -> bool:
    """Return whether a text names an incident by its id, or by `fixes #12` where the id is `<repo>#12`."""
    if len(external_id) < _SHORTEST_NAME:
        return False
    patterns = [rf"(?<![\w#]){re.escape(external_id)}(?!\w)"]
    place, hash_, number = external_id.rpartition("#")
    if hash_ and number.isdigit() and place == repo:
        patterns.append(rf"\b(fix(e[sd])?|close[sd]?|resolve[sd]?):?\s+#{number}\b")
    wanted = re.compile("|".join(patterns), re.IGNORECASE)
    return any(wanted.search(text) for text in texts)
