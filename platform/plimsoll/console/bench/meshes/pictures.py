"""The two meshes of the design's pictures: twelve places and sixty, by name."""

from random import Random

from plimsoll.console.bench.meshes.plan import Call, Plan


def twelve() -> Plan:
    """Return the mesh of the picture with twelve places."""
    plan = Plan()
    plan.add("istio-system", ["istio-ingress"], "gateway")
    plan.add("portal", ["citizen-portal", "mobile-bff"])
    plan.add("permits", ["permits-api", "permits-rules", "documents"])
    plan.add("payments", ["payments-api", "ledger"])
    plan.add("identity", ["identity"])
    plan.add("data-stores", ["pg-permits"], "database")
    plan.add("messaging", ["notify"], "messaging")
    plan.add("", ["bank-gateway.example"], "external")
    plan.calls = [
        Call("istio-ingress", "citizen-portal", 1120, 0.009, 290),
        Call("istio-ingress", "mobile-bff", 640, 0.001, 88),
        Call("citizen-portal", "permits-api", 160, 0.046, 448),
        Call("citizen-portal", "payments-api", 120, 0.002, 131),
        Call("citizen-portal", "identity", 1000, 0.0002, 24, protocol="grpc"),
        Call("mobile-bff", "permits-api", 52, 0.0085, 300),
        Call("mobile-bff", "payments-api", 60, 0.002, 128),
        Call("mobile-bff", "identity", 600, 0.0002, 22, protocol="grpc"),
        Call("permits-api", "permits-rules", 205, 0.001, 37),
        Call("permits-api", "documents", 41, 0.061, 412),
        Call("payments-api", "ledger", 178, 0.002, 66, protocol="grpc"),
        Call("permits-rules", "pg-permits", 398, 0.0, 4),
        Call("documents", "pg-permits", 12, 0.0, 5, life="new"),
        Call("documents", "notify", 30, 0.0, 19),
        Call("ledger", "notify", 60, 0.0, 18),
        Call("ledger", "bank-gateway.example", 62, 0.009, 240),
    ]
    return plan


_SHARED = (
    "search", "pricing", "file-scan", "reports", "translate", "audit", "documents", "geo", "scheduler",
    "feature-flags", "rate-limit", "profiles",
)  # fmt: skip
_DATABASES = (
    "pg-housing", "pg-records", "pg-permits", "vault", "pg-ledger", "redis-sessions", "pg-core", "clickhouse",
    "opensearch", "redis-cache",
)  # fmt: skip
_TOPICS = ("kafka", "mq-legacy")
_HOSTS = ("smtp-relay.example", "map-vendor.example", "object-store.example", "sms-vendor.example",
          "bank-gateway.example")  # fmt: skip
_DOMAINS = {
    "notify": ("dispatch", "templates"),
    "permits": ("calendar", "review", "rules"),
    "health": ("triage", "booking"),
    "payments": ("checkout", "ledger", "refunds"),
    "housing": ("offers", "scoring", "listings"),
    "identity": ("sessions", "tokens", "consent"),
    "transport": ("parking", "routes", "fares"),
    "records": ("lookup", "archive"),
}
_TROUBLE = (
    Call("istio-ingress", "permits-api", 420, 0.0085, 240),
    Call("permits-api", "permits-review", 180, 0.046, 448),
    Call("permits-review", "documents", 41, 0.061, 412),
    Call("permits-rules", "documents", 28, 0.0088, 190),
    Call("documents", "object-store.example", 44, 0.058, 390),
    Call("payments-ledger", "bank-gateway.example", 62, 0.009, 240),
    Call("records-lookup", "documents", 12, 0.0, 80, life="new"),
    Call("permits-review", "file-scan", 6, 0.0, 70, life="gone"),
)


def sixty() -> Plan:
    """Return the mesh of the picture with sixty places."""
    plan, random = Plan(), Random("plimsoll/sixty")
    plan.add("istio-system", ["istio-ingress"], "gateway")
    for domain, parts in _DOMAINS.items():
        plan.add(domain, [f"{domain}-api", *(f"{domain}-{part}" for part in parts)])
    plan.add("shared", _SHARED)
    plan.add("data-stores", _DATABASES, "database")
    plan.add("messaging", _TOPICS, "messaging")
    plan.add("", _HOSTS, "external")
    known = {(call.client, call.server): call for call in _TROUBLE}

    def add(client: str, server: str, rate: float) -> None:
        known.setdefault((client, server), Call(client, server, round(rate, 1), 0.0005, random.randint(8, 160)))

    stores = [*_DATABASES, *_TOPICS, *_HOSTS[:2], _HOSTS[3]]
    shared = iter(_SHARED * 2)
    for domain, parts in _DOMAINS.items():
        add("istio-ingress", f"{domain}-api", random.uniform(80, 900))
        for part in parts:
            add(f"{domain}-api", f"{domain}-{part}", random.uniform(10, 300))
            for server in (next(shared), *random.sample(stores, random.randint(0, 2))):
                add(f"{domain}-{part}", server, random.uniform(2, 90))
    for index, service in enumerate(_SHARED):
        for server in random.sample(stores, 1 + index % 3):
            add(service, server, random.uniform(2, 160))
    plan.calls = list(known.values())
    return plan
