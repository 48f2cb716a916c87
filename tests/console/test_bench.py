"""The benchmark runs, says what it promises, and loses nothing on the way."""

import json
import subprocess
import sys
from pathlib import Path

from tests.console.installation import command_environment

SIZES = [1, 64, 512, 8192]


def test_bench_ingest_counts_every_span_it_was_told_is_safe(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "plimsoll", "bench", "ingest", "--json", "--seconds", "0.1", "--items", "128"],
        env=command_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert [row["spans_per_request"] for row in report["spans"]] == SIZES
    # Never fewer than two requests of a size: the callers' spans, and the callees'.
    assert [row["acknowledged"] for row in report["spans"]][1:] == [128, 1024, 16384]
    assert [row["counted"] for row in report["spans"]] == [row["acknowledged"] for row in report["spans"]]
    assert [row["points_per_request"] for row in report["points"]] == SIZES
    assert [row["counted"] for row in report["points"]] == [row["acknowledged"] for row in report["points"]]
    assert set(report["spans"][2]) == {
        "spans_per_request",
        "requests",
        "acknowledged",
        "counted",
        "seconds",
        "bytes_per_span",
        "spans_per_second",
        "spans_per_second_per_core",
        "cpu_us_per_span",
        "parse_us_per_span",
        "ratio_to_parse",
        "database_cpu_us_per_span",
        "ack_p50_ms",
        "ack_p95_ms",
        "rows_written",
    }
    # Each of 128 points changes the row of its series, whether it is new or not.
    assert report["points"][1]["rows_written"] >= 128
    assert 700 < report["spans"][2]["bytes_per_span"] < 950
    # Of less than is sent in the largest the clock of CPU time may know nothing.
    assert report["spans"][3]["ratio_to_parse"] > 0
    assert not list(tmp_path.iterdir())
