"""Which mark counts: the most special one."""

from plimsoll.store.marks import Marks

EVERY = Marks(
    {
        ("p95_ms", None, None, None): 800.0,
        ("p95_ms", "permits", None, None): 500.0,
        ("p95_ms", None, "ledger", None): 350.0,
        ("p95_ms", None, "ledger", "web"): 200.0,
    }
)


def test_the_most_special_mark_counts() -> None:
    assert EVERY.of("p95_ms") == 800
    assert EVERY.of("p95_ms", team="permits") == 500
    assert EVERY.of("p95_ms", team="permits", service="ledger") == 350
    assert EVERY.of("p95_ms", team="permits", service="ledger", client="web") == 200
    assert EVERY.of("p95_ms", team="permits", service="map") == 500
    assert EVERY.of("p95_ms", team="housing", service="map", client="web") == 800
    assert EVERY.of("lead_time", team="permits") is None
