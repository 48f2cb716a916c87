"""How a call ended (mesh-dialects, section 7)."""

from functools import lru_cache
from typing import NamedTuple

# grpc codes that are failures of the callee: unknown, deadline exceeded, unimplemented, internal, unavailable, data
# loss
_GRPC_FAILED = {"2", "4", "12", "13", "14", "15"}
_GRPC_NAMES = {
    "ok": "0", "cancelled": "1", "unknown": "2", "invalid_argument": "3", "deadline_exceeded": "4", "not_found": "5",
    "already_exists": "6", "permission_denied": "7", "resource_exhausted": "8", "failed_precondition": "9",
    "aborted": "10", "out_of_range": "11", "unimplemented": "12", "internal": "13", "unavailable": "14",
    "data_loss": "15", "unauthenticated": "16",
}  # fmt: skip
_TRANSPORT = {"UF", "UH", "UC", "UR", "LR", "UT", "URX", "NC", "LH", "OM"}
# The request never reached a server.
_UNREACHED = {"UF", "UH", "NC", "NR"}
_POLICY = {"UAEX", "RBAC", "RL"}


class Outcome(NamedTuple):
    """What one call adds to the counters of its lane; each is 0 or 1."""

    failed: int = 0
    client_error: int = 0
    throttled: int = 0
    aborted: int = 0
    unreached: int = 0


@lru_cache(maxsize=16_384)
def outcome(http: str = "", grpc: str = "", flags: str = "", error: bool = False, cancelled: bool = False) -> Outcome:
    """Return the outcome of a call from its HTTP status, gRPC status, Envoy response flags and error mark.

    A gRPC status overrides HTTP 200. HTTP 4xx belongs to the caller even when the span says ERROR.
    """
    flag_set = {flag.strip() for flag in flags.split(",")} - {"-", ""}
    unreached = int(bool(flag_set & _UNREACHED))
    code = grpc_code(grpc)
    status = int(http) if _is_number(http) else 0
    if status >= 500:
        return Outcome(failed=1, unreached=unreached)
    if code and code != "0":
        failed = code in _GRPC_FAILED
        return Outcome(
            failed=int(failed), client_error=int(not failed), throttled=int(code == "8"), unreached=unreached
        )
    if status >= 400:
        # No route is a fault of the configuration, unless a policy spoke first.
        failed = "NR" in flag_set and not flag_set & _POLICY
        return Outcome(
            failed=int(failed), client_error=int(not failed), throttled=int(status == 429), unreached=unreached
        )
    if status or code:
        return Outcome()
    if flag_set & _TRANSPORT or "NR" in flag_set:
        return Outcome(failed=1, unreached=unreached)
    if flag_set & _POLICY:
        return Outcome(client_error=1)
    if cancelled or "DC" in flag_set:
        return Outcome(aborted=1)
    return Outcome(failed=int(error))


def grpc_code(value: str) -> str:
    """Return a gRPC status as its number in text, from a number or a name; unknown forms are empty."""
    return value if _is_number(value) else _GRPC_NAMES.get(value.casefold(), "")


def _is_number(value: str) -> bool:
    """Whether a text is digits as `int` knows them; `²` is a digit too."""
    return value.isascii() and value.isdigit()
