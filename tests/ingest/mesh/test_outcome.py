"""How a call ended (mesh-dialects, section 7) and how many it stands for (section 9.3)."""

from typing import Any

import grpc
import pytest

from ingest.mesh.outcome import Outcome, outcome
from ingest.mesh.sampling import weight


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"http": "200"}, Outcome()),
        ({"http": "503"}, Outcome(failed=1)),
        ({"http": "500"}, Outcome(failed=1)),
        ({"http": "499"}, Outcome(client_error=1)),
        ({"http": "400"}, Outcome(client_error=1)),
        ({"http": "399"}, Outcome()),
        ({"http": "503", "flags": "UF"}, Outcome(failed=1, unreached=1)),
        ({"http": "404", "error": True}, Outcome(client_error=1)),
        ({"http": "429"}, Outcome(client_error=1, throttled=1)),
        ({"http": "200", "grpc": "14"}, Outcome(failed=1)),
        ({"http": "200", "grpc": "UNAVAILABLE"}, Outcome(failed=1)),
        ({"http": "200", "grpc": "5"}, Outcome(client_error=1)),
        ({"http": "200", "grpc": "8"}, Outcome(client_error=1, throttled=1)),
        ({"http": "200", "grpc": "0", "error": True}, Outcome()),
        ({"grpc": "0", "cancelled": True}, Outcome()),
        ({"grpc": "a word of its own", "error": True}, Outcome(failed=1)),
        ({"http": "503", "grpc": "5"}, Outcome(failed=1)),
        ({"http": "0", "flags": "UH"}, Outcome(failed=1, unreached=1)),
        ({"flags": "DC"}, Outcome(aborted=1)),
        ({"http": "200", "flags": "DC"}, Outcome()),
        ({"http": "403", "flags": "RBAC"}, Outcome(client_error=1)),
        ({"flags": "UAEX", "error": True}, Outcome(client_error=1)),
        ({"http": "404", "flags": "NR"}, Outcome(failed=1, unreached=1)),
        ({"flags": "NR"}, Outcome(failed=1, unreached=1)),
        ({"http": "0", "flags": "UC, URX"}, Outcome(failed=1)),
        ({"http": "503", "flags": "UF,URX"}, Outcome(failed=1, unreached=1)),
        ({"http": "0", "flags": "-", "cancelled": True}, Outcome(aborted=1)),
        ({"http": "200", "cancelled": True}, Outcome()),
        ({"http": "²", "error": True}, Outcome(failed=1)),
        ({"http": "200 OK"}, Outcome()),
        ({"grpc": "²", "error": True}, Outcome(failed=1)),
        ({"error": True}, Outcome(failed=1)),
        ({}, Outcome()),
    ],
)
def test_an_outcome_follows_the_rules(given: dict[str, Any], expected: Outcome) -> None:
    assert outcome(**given) == expected


@pytest.mark.parametrize("code", range(17))
def test_six_grpc_statuses_are_the_callee_s_failures_by_number_and_by_name(code: int) -> None:
    name = grpc.StatusCode(next(c.value for c in grpc.StatusCode if c.value[0] == code)).name
    is_failed = code in (2, 4, 12, 13, 14, 15)

    assert (outcome(grpc=str(code)).failed, outcome(grpc=name).failed) == (is_failed, is_failed)
    assert outcome(grpc=str(code)).client_error == (code != 0 and not is_failed)


@pytest.mark.parametrize("flag", ["UF", "UH", "UC", "UR", "LR", "UT", "URX", "NC", "LH", "OM", "NR"])
def test_without_a_status_these_flags_are_a_failure(flag: str) -> None:
    assert outcome(flags=flag).failed == 1


@pytest.mark.parametrize(
    ("trace_state", "expected"),
    [
        ("ot=th:0", 1.0),
        ("ot=th:8", 2.0),
        ("ot=th:c,vendor=x", 4.0),
        ("vendor=x,ot=rv:1;th:fe", 128.0),
        ("ot=th:ffffffffffffff", 2.0**56),
        ("ot=th:123456789abcdef", None),
        ("ot=th:", None),
        ("ot=rv:8", None),
        ("ot=th:xyz", None),
        ("vendor=th:8", None),
        ("", None),
    ],
)
def test_a_threshold_says_how_many_requests_a_span_stands_for(trace_state: str, expected: float | None) -> None:
    assert weight(trace_state) == expected
