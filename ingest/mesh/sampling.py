"""How many requests a sampled span stands for (mesh-dialects, section 9.3)."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def weight(trace_state: str) -> float | None:
    """Return the adjusted count from the `ot=th:` entry of a tracestate, or None when it is unknown.

    The threshold is right-padded to 14 hex digits: weight = 2^56 / (2^56 - T).
    """
    for member in trace_state.split(","):
        name, _, value = member.strip().partition("=")
        if name != "ot":
            continue
        for item in value.split(";"):
            key, _, threshold = item.partition(":")
            if key == "th":
                return _adjusted_count(threshold)
    return None


def _adjusted_count(threshold: str) -> float | None:
    if not 1 <= len(threshold) <= 14 or any(digit not in "0123456789abcdef" for digit in threshold):
        return None
    rejected = int(threshold.ljust(14, "0"), 16)
    return 2**56 / (2**56 - rejected)
