"""How a call ended (mesh-dialects, section 7) and how many it stands for (section 9.3)."""

from typing import Any

import pytest

from ingest.mesh.outcome import Outcome, outcome
from ingest.mesh.sampling import weight


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"http": "200"}, Outcome()),
        ({"http": "503"}, Outcome(failed=1)),
        ({"http": "503", "flags": "UF"}, Outcome(failed=1, unreached=1)),
        ({"http": "404", "error": True}, Outcome(client_error=1)),
        ({"http": "429"}, Outcome(client_error=1, throttled=1)),
        ({"http": "200", "grpc": "14"}, Outcome(failed=1)),
        ({"http": "200", "grpc": "UNAVAILABLE"}, Outcome(failed=1)),
        ({"http": "200", "grpc": "5"}, Outcome(client_error=1)),
        ({"http": "0", "flags": "UH"}, Outcome(failed=1, unreached=1)),
        ({"flags": "DC"}, Outcome(aborted=1)),
        ({"http": "200", "flags": "DC"}, Outcome()),
        ({"http": "403", "flags": "RBAC"}, Outcome(client_error=1)),
        ({"error": True}, Outcome(failed=1)),
        ({}, Outcome()),
    ],
)
def test_an_outcome_follows_the_rules(given: dict[str, Any], expected: Outcome) -> None:
    assert outcome(**given) == expected


@pytest.mark.parametrize(
    ("trace_state", "expected"),
    [
        ("ot=th:0", 1.0),
        ("ot=th:8", 2.0),
        ("ot=th:c,vendor=x", 4.0),
        ("vendor=x,ot=rv:1;th:fe", 128.0),
        ("ot=th:123456789abcdef", None),
        ("ot=th:xyz", None),
        ("vendor=th:8", None),
        ("", None),
    ],
)
def test_a_threshold_says_how_many_requests_a_span_stands_for(trace_state: str, expected: float | None) -> None:
    assert weight(trace_state) == expected
