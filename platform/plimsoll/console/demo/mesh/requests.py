"""What happens when somebody asks the demo's company something: a tree of calls, with times and outcomes."""

from dataclasses import dataclass, field
from math import log
from random import Random

from plimsoll.console.demo.company import CLUSTERS, Service
from plimsoll.console.demo.mesh.pods import Fleet, Pod

# How the company's visitors are spread over its clusters.
_VISITORS = (0.5, 0.3, 0.2)
_NOT_FOUND, _NO_ENDPOINT = 0.006, 0.0003
# The share of failed calls that fail their caller too; otherwise it copes.
_CONTAGION = 0.6


@dataclass(slots=True)
class Exchange:
    """One call, seen from both ends; times are microseconds after the visitor's request came in.

    `server` is None when the other end is outside the mesh or was never reached. `status` is HTTP's; `grpc` is gRPC's,
    None for other protocols. `database` names a database's system, for a call that the application makes itself.
    """

    client: Pod
    host: str
    path: str
    start_us: int
    duration_us: int = 0
    server: Pod | None = None
    server_start_us: int = 0
    server_duration_us: int = 0
    status: int = 200
    grpc: int | None = None
    flags: str = "-"
    database: str = ""
    inner: "list[Exchange]" = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the server is to blame (mesh-dialects, section 7)."""
        return self.status >= 500 or self.grpc in (2, 4, 12, 13, 14, 15)


def visit(fleet: Fleet, random: Random) -> Exchange:
    """Return what one visitor's request sets off, as the gateway's call to an entry service."""
    cluster = random.choices(CLUSTERS, _VISITORS)[0]
    entry = random.choice(fleet.company.entries(cluster))
    return _call(fleet, fleet.gateway(cluster), entry, 300, random)


def _call(fleet: Fleet, client: Pod, service: Service, start_us: int, random: Random) -> Exchange:
    """Return a call to a service of the mesh."""
    exchange = Exchange(client, service.host, _path(service, random), start_us)
    if service.protocol == "grpc":
        exchange.grpc = 0
    if random.random() < _NO_ENDPOINT:
        exchange.duration_us, exchange.flags = random.randint(300, 900), "UF"
        _fail(exchange)
        return exchange
    there, back = random.randint(150, 600), random.randint(150, 600)
    exchange.server = fleet.pick(service.name, client.cluster, random)
    exchange.server_start_us = start_us + there
    exchange.server_duration_us = _serve(fleet, service, exchange, random)
    exchange.duration_us = there + exchange.server_duration_us + back
    return exchange


def _serve(fleet: Fleet, service: Service, exchange: Exchange, random: Random) -> int:
    """Let the server answer, calling others on the way; return how long it took, in microseconds."""
    pod = exchange.server
    assert pod is not None
    error_rate, slower = fleet.trouble(pod)
    own_us = int(random.lognormvariate(log(service.own_ms * slower), 0.45) * 1000)
    now = exchange.server_start_us + own_us // 2
    if random.random() < error_rate:
        _fail(exchange)
        return own_us
    if exchange.grpc is None and random.random() < _NOT_FOUND:
        exchange.status = 404
        return own_us
    for inner in _inner(fleet, service, pod, now, random):
        exchange.inner.append(inner)
        now = inner.start_us + inner.duration_us + 100
        if inner.failed and random.random() < _CONTAGION:
            _fail(exchange)
            break
    return now - exchange.server_start_us + own_us - own_us // 2


def _inner(fleet: Fleet, service: Service, pod: Pod, start_us: int, random: Random) -> "list[Exchange]":
    """Return the calls that a service makes to answer one request, one after the other."""
    found: list[Exchange] = []
    now = start_us
    for system, server in service.databases:
        duration = int(random.lognormvariate(log(1.8), 0.5) * 1000)
        found.append(Exchange(pod, server, "SELECT", now, duration, database=system))
        now += duration + 100
    for call in fleet.company.calls(service, pod.cluster):
        if random.random() < call.share:
            found.append(_call(fleet, pod, fleet.company.services[call.server], now, random))
            now += found[-1].duration_us + 100
    for host in service.outside:
        if random.random() < 0.4:
            found.append(_outside(pod, host, now, random))
            now += found[-1].duration_us + 100
    return found


def _outside(pod: Pod, host: str, start_us: int, random: Random) -> Exchange:
    """Return a call to a host outside the mesh; vendors are slower and fail more often."""
    duration = int(random.lognormvariate(log(60), 0.6) * 1000)
    failed = random.random() < 0.004
    return Exchange(
        pod, host, "/v2/requests", start_us, duration, status=504 if failed else 200, flags="UT" if failed else "-"
    )


def _fail(exchange: Exchange) -> None:
    """Let the answer be a failure, in the words of its protocol."""
    if exchange.grpc is None:
        exchange.status = 503
    else:
        exchange.grpc = 14


def _path(service: Service, random: Random) -> str:
    """Return what is asked for; raw paths carry ids, as real ones do."""
    noun = service.name.rpartition("-")[2]
    if service.protocol == "grpc":
        return f"/{service.namespace}.v1.{noun.capitalize()}/{random.choice(('Get', 'List', 'Check'))}"
    return random.choice((f"/{noun}", f"/{noun}/{random.randint(1000, 9999)}"))
