"""Bare parsing with the generated opentelemetry-proto classes, in a process of its own, to compare the receiver with.

Called as `python -m plimsoll.console.bench.parsing SIGNAL FILE SECONDS`; prints CPU microseconds for one pass over the
requests in FILE.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path


def write(file: Path, bodies: Iterable[bytes]) -> None:
    """Write requests to a file, each after its length."""
    with file.open("wb") as out:
        for body in bodies:
            out.write(len(body).to_bytes(4) + body)


def read(file: Path) -> list[bytes]:
    """Return the requests of a file."""
    content, bodies, at = file.read_bytes(), [], 0
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4])
        bodies.append(content[at + 4 : end])
        at = end
    return bodies


def cpu_us(signal: str, bodies: list[bytes], seconds: float) -> float:
    """Return the mean CPU time of one pass over the requests, in microseconds; several passes, for about `seconds`."""
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest if signal == "spans" else ExportMetricsServiceRequest
    passes, began = 0, time.process_time()
    while not passes or time.process_time() - began < seconds:
        for body in bodies:
            request.FromString(body)
        passes += 1
    return (time.process_time() - began) * 1e6 / passes


if __name__ == "__main__":
    print(cpu_us(sys.argv[1], read(Path(sys.argv[2])), float(sys.argv[3])))
