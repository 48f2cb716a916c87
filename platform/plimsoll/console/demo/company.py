"""The demo's company: city services in six teams over three clusters, and who calls whom.

Names and layers are a fixed table; the seed decides how chatty, how fast and how often deployed each service is, which
shared services it leans on, and where its versions start. The same seed gives the same company.
"""

from dataclasses import dataclass
from random import Random

CLUSTERS = ("aws-1", "huawei-cn-2", "azure-3")
REGIONS = {
    "aws-1": ("aws", "eu-central-1"),
    "huawei-cn-2": ("huawei", "cn-north-4"),
    "azure-3": ("azure", "westeurope"),
}
TEAMS = ("identity", "permits", "payments", "housing", "transport", "health")
GATEWAY = "istio-ingressgateway"
GATEWAY_NAMESPACE = "istio-system"
ORGANISATION = "city-services"
ENVIRONMENT = "production"

# service: (team, layer, clusters); a team's own services live where the team does, shared ones everywhere.
_AWS, _HUAWEI, _AZURE = (CLUSTERS[0],), (CLUSTERS[1],), (CLUSTERS[2],)
_TABLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "citizen-portal": ("identity", "entry", _AWS),
    "mobile-bff": ("identity", "entry", _AWS),
    "permits-api": ("permits", "entry", _AWS),
    "payments-api": ("payments", "entry", _AWS),
    "housing-api": ("housing", "entry", _HUAWEI),
    "transport-api": ("transport", "entry", _HUAWEI),
    "health-api": ("health", "entry", _AZURE),
    "identity-sessions": ("identity", "domain", _AWS),
    "identity-consent": ("identity", "domain", _AWS),
    "permits-rules": ("permits", "domain", _AWS),
    "permits-review": ("permits", "domain", _AWS),
    "permits-calendar": ("permits", "domain", _AWS),
    "ledger": ("payments", "domain", _AWS),
    "payments-checkout": ("payments", "domain", _AWS),
    "payments-refunds": ("payments", "domain", _AWS),
    "housing-offers": ("housing", "domain", _HUAWEI),
    "housing-scoring": ("housing", "domain", _HUAWEI),
    "transport-routes": ("transport", "domain", _HUAWEI),
    "transport-fares": ("transport", "domain", _HUAWEI),
    "transport-parking": ("transport", "domain", _HUAWEI),
    "health-booking": ("health", "domain", _AZURE),
    "health-triage": ("health", "domain", _AZURE),
    "identity": ("identity", "shared", CLUSTERS),
    "documents": ("permits", "shared", CLUSTERS),
    "notify": ("health", "shared", CLUSTERS),
    "search": ("housing", "shared", (CLUSTERS[0], CLUSTERS[1])),
    "map-tiles": ("transport", "shared", _HUAWEI),
    "audit": ("identity", "shared", CLUSTERS),
    "feature-flags": ("payments", "shared", CLUSTERS),
    "scheduler": ("health", "shared", _AZURE),
}
# The calls that make the company what it is; the seed adds some to shared services.
_CALLS: dict[str, tuple[str, ...]] = {
    "citizen-portal": ("permits-api", "payments-api", "identity", "search"),
    "mobile-bff": ("permits-api", "payments-api", "identity-sessions"),
    "permits-api": ("permits-rules", "permits-review", "permits-calendar", "identity"),
    "payments-api": ("payments-checkout", "payments-refunds", "identity"),
    "housing-api": ("housing-offers", "housing-scoring", "identity"),
    "transport-api": ("transport-routes", "transport-fares", "transport-parking"),
    "health-api": ("health-booking", "health-triage", "identity"),
    "identity-sessions": ("identity", "identity-consent"),
    "permits-review": ("documents",),
    "permits-calendar": ("notify",),
    "payments-checkout": ("ledger", "feature-flags"),
    "payments-refunds": ("ledger",),
    "housing-offers": ("search", "documents"),
    "transport-routes": ("map-tiles",),
    "health-booking": ("scheduler", "notify"),
    "scheduler": ("notify",),
}
# service: databases it asks itself, as (system, server)
_DATABASES: dict[str, tuple[tuple[str, str], ...]] = {
    "identity": (("postgresql", "pg-identity"),),
    "identity-sessions": (("redis", "redis-sessions"),),
    "permits-rules": (("postgresql", "pg-permits"),),
    "permits-review": (("postgresql", "pg-permits"),),
    "ledger": (("postgresql", "pg-ledger"),),
    "housing-offers": (("postgresql", "pg-housing"),),
    "transport-routes": (("redis", "redis-cache"),),
    "health-booking": (("postgresql", "pg-health"),),
    "search": (("opensearch", "opensearch"),),
}
# service: hosts outside the mesh, called through the sidecar
_OUTSIDE: dict[str, tuple[str, ...]] = {
    "ledger": ("api.bank-gateway.example",),
    "documents": ("files.object-store.example",),
    "notify": ("api.sms-vendor.example",),
    "map-tiles": ("tiles.map-vendor.example",),
}
_GRPC = frozenset({"identity", "ledger", "feature-flags", "permits-rules", "housing-scoring", "transport-fares"})
_OPTIONAL = ("audit", "feature-flags", "notify", "documents", "identity")


@dataclass(frozen=True, slots=True)
class Call:
    """A service calls another, in this share of its own requests."""

    server: str
    share: float


@dataclass(frozen=True, slots=True)
class Service:
    """One service: who owns it, where it runs, how it behaves and what it calls.

    `own_ms` is the median time it takes itself; `weight` is how often it is deployed, relative to the others.
    """

    name: str
    team: str
    layer: str
    clusters: tuple[str, ...]
    protocol: str
    weight: float
    own_ms: float
    error_rate: float
    version: tuple[int, int, int]
    calls: tuple[Call, ...]
    databases: tuple[tuple[str, str], ...]
    outside: tuple[str, ...]

    @property
    def namespace(self) -> str:
        """Every team has its own namespace."""
        return self.team

    @property
    def repo(self) -> str:
        """One repository per service."""
        return f"{ORGANISATION}/{self.name}"

    @property
    def host(self) -> str:
        """Its name inside a cluster."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"


@dataclass(frozen=True, slots=True)
class Company:
    """Everything that does not change while the demo runs."""

    seed: int
    services: dict[str, Service]
    people: tuple[str, ...]

    def entries(self, cluster: str) -> tuple[Service, ...]:
        """Return the services that a cluster's gateway leads to."""
        return tuple(s for s in self.services.values() if s.layer == "entry" and cluster in s.clusters)

    def calls(self, service: Service, cluster: str) -> tuple[Call, ...]:
        """Return the calls that a service makes in a cluster: the mesh keeps calls inside the cluster."""
        return tuple(call for call in service.calls if cluster in self.services[call.server].clusters)


PEOPLE = (
    "lin-yue", "omar-haddad", "chen-wei", "ana-pires", "sofia-rossi", "jonas-berg", "amara-okafor", "mei-tanaka",
    "luca-ferrari", "nadia-petrova", "diego-ramos", "priya-nair", "tom-hughes", "zainab-ali", "erik-lund", "hana-kim",
    "paulo-costa", "ines-moreau", "viktor-horvat", "leila-rahimi", "sam-taylor", "yuki-sato", "marta-nowak",
    "ben-adler",
)  # fmt: skip


def full_name(person: str) -> str:
    """Return how somebody is called outside of commits: Lin Yue for lin-yue."""
    return " ".join(part.capitalize() for part in person.split("-"))


def found(seed: int) -> Company:
    """Return the company of a seed."""
    random = Random(f"plimsoll/company/{seed}")
    services = {name: _service(name, random) for name in _TABLE}
    return Company(seed, services, PEOPLE)


def _service(name: str, random: Random) -> Service:
    """Return one service of the table, with what the seed decides about it."""
    team, layer, clusters = _TABLE[name]
    own_ms = {"entry": 9.0, "domain": 14.0, "shared": 7.0}[layer] * random.uniform(0.6, 1.9)
    return Service(
        name=name,
        team=team,
        layer=layer,
        clusters=clusters,
        protocol="grpc" if name in _GRPC else "http",
        weight=random.choice((0.2, 0.3, 0.5, 0.8, 1.5, 4.0)),
        own_ms=round(own_ms, 2),
        error_rate=random.choice((0.0, 0.0002, 0.0005, 0.001, 0.002)),
        version=(random.randint(1, 8), random.randint(0, 20), random.randint(0, 9)),
        calls=_calls(name, layer, clusters, random),
        databases=_DATABASES.get(name, ()),
        outside=_OUTSIDE.get(name, ()),
    )


def _calls(name: str, layer: str, clusters: tuple[str, ...], random: Random) -> tuple[Call, ...]:
    """Return the fixed calls of a service and up to two seeded ones to shared services, never upwards."""
    fixed = _CALLS.get(name, ())
    calls = [Call(server, round(random.uniform(0.35, 0.9), 2)) for server in fixed]
    if layer != "domain":
        return tuple(calls)
    reachable = [other for other in _OPTIONAL if other not in fixed and set(clusters) & set(_TABLE[other][2])]
    for server in random.sample(reachable, k=random.randint(0, 2)):
        calls.append(Call(server, round(random.uniform(0.1, 0.4), 2)))
    return tuple(calls)
