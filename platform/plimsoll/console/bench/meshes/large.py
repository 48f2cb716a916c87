"""Meshes of any larger size: groups as a city has them, each a tree of services below an entrance of its own."""

from itertools import count, cycle
from random import Random

from plimsoll.console.bench.meshes.plan import Call, Kind, Plan

# Services of each group in the mesh of 308 places of the design's picture.
_ENTRIES = {"portal": 14, "mobile": 10, "partner-api": 8}
_DOMAINS = {
    "permits": 24, "payments": 26, "housing": 20, "transport": 22, "health": 20, "schools": 16, "taxes": 18,
    "welfare": 14,
}  # fmt: skip
_SHARED = {"identity": 16, "documents": 12, "notify": 14, "search": 10, "geo": 12, "audit": 8}
_OUTSIDE: dict[str, tuple[int, Kind]] = {
    "data-stores": (22, "database"), "messaging": (8, "messaging"), "outside": (10, "external"),
}  # fmt: skip
_INGRESS = 4
_WORDS = (
    "api", "review", "store", "rules", "ledger", "cache", "search", "calendar", "export", "import", "batch", "events",
    "reports", "profile", "cases", "letters", "queue", "sync", "archive", "pricing", "limits", "forms", "maps",
    "checks", "views", "rates", "sessions", "tokens",
)  # fmt: skip
_REGIONS = ("north", "south", "east", "west", "central", "coast", "hills", "islands", "border", "capital")
_BASE = 308


def mesh(services: int) -> Plan:
    """Return a mesh of so many places; above 600, every region has groups of its own."""
    plan, random = Plan(), Random(f"plimsoll/large/{services}")
    copies = max(1, round(services / _BASE))
    regions = [""] if copies == 1 else [f"-{region}" for region in _numbered(copies)]
    factor = services / _BASE / copies
    plan.add("ingress", [f"ingress-{n + 1}" for n in range(max(1, round(_INGRESS * factor * copies)))], "gateway")
    stores = _stores(plan, factor * copies)
    for region in regions:
        _region(plan, region, factor, stores, random)
    _trouble(plan, regions[0])
    _fit(plan, services, regions)
    return plan


def _fit(plan: Plan, services: int, regions: list[str]) -> None:
    """Add or drop services until there are as many as asked for: rounding left some out, or took too many."""
    for index, name in enumerate(_more(regions)):
        if len(plan.places) >= services:
            break
        group = name.rpartition("-extra")[0]
        plan.add(group, [name])
        plan.calls.append(Call(f"{group}-api", name, 2.0 + index % 7))
    needed = {call.client for call in plan.calls} | {call.server for call in plan.calls if call.life != "always"}
    leaves = [name for name, place in plan.places.items() if place.kind == "service" and name not in needed]
    dropped = set(leaves[len(leaves) - max(0, len(plan.places) - services) :])
    plan.places = {name: place for name, place in plan.places.items() if name not in dropped}
    plan.calls = [call for call in plan.calls if call.server not in dropped]


def _numbered(copies: int) -> list[str]:
    names = cycle(_REGIONS)
    return [f"{next(names)}{n // len(_REGIONS) or ''}" for n in range(copies)]


def _more(regions: list[str]) -> list[str]:
    """Return names for the places that rounding left out."""
    return [f"{domain}{region}-extra-{n}" for n in range(1, 40) for region in regions for domain in _DOMAINS]


def _names(group: str, size: int) -> list[str]:
    words = (_WORDS[n % len(_WORDS)] + ("" if n < len(_WORDS) else f"-{n // len(_WORDS) + 1}") for n in count())
    return [f"{group}-{word}" for word, _ in zip(words, range(max(2, size)), strict=False)]


def _stores(plan: Plan, factor: float) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group, (size, kind) in _OUTSIDE.items():
        prefix = {"database": "pg", "messaging": "topic", "external": "vendor"}[kind]
        suffix = ".example" if kind == "external" else ""
        found[kind] = [f"{prefix}-{n + 1:02}{suffix}" for n in range(max(2, round(size * factor)))]
        plan.add("" if kind == "external" else group, found[kind], kind)
    return found


def _region(plan: Plan, region: str, factor: float, stores: dict[str, list[str]], random: Random) -> None:
    """Add the groups of one region, their trees, and what leads from one to the next."""
    groups: dict[str, list[str]] = {}
    for name, size in (_ENTRIES | _DOMAINS | _SHARED).items():
        groups[name] = _names(name + region, round(size * factor))
        plan.add(name + region, groups[name])
    gateways = [name for name, place in plan.places.items() if place.kind == "gateway"]
    calls: dict[tuple[str, str], Call] = {}

    def add(client: str, server: str, rate: float) -> None:
        if client != server:
            calls.setdefault((client, server), Call(client, server, round(rate, 1), 0.0004, random.randint(5, 180)))

    for name, members in groups.items():
        for n, member in enumerate(members[1:], start=1):
            add(members[(n - 1) // 3], member, random.uniform(1, 60))
            if random.random() < 0.35:
                add(member, random.choice(members), random.uniform(0.2, 20))
            if name not in _ENTRIES and random.random() < 0.55:
                kind = random.choices(["database", "messaging", "external"], [6, 2, 1])[0]
                add(member, random.choice(stores[kind]), random.uniform(1, 120))
    for entry in _ENTRIES:
        add(random.choice(gateways), groups[entry][0], random.uniform(100, 900))
        for domain in random.sample(list(_DOMAINS), 5):
            add(random.choice(groups[entry][1:]), groups[domain][0], random.uniform(10, 200))
    for domain in _DOMAINS:
        add(random.choice(groups["portal"][1:]), groups[domain][0], random.uniform(10, 200))
        for shared in random.sample(list(_SHARED), 4):
            for client in random.sample(groups[domain], min(3, len(groups[domain]))):
                add(client, random.choice(groups[shared]), random.uniform(1, 80))
    plan.calls += calls.values()


def _trouble(plan: Plan, region: str) -> None:
    """Put the picture's trouble in place of whatever these pairs had."""
    permits, documents, payments = (f"{group}{region}" for group in ("permits", "documents", "payments"))
    entrance = f"portal{region}-review"
    trouble = [
        Call("ingress-1", f"portal{region}-api", 640, 0.0086, 240),
        Call(entrance, f"{permits}-api", 180, 0.046, 448),
        Call(f"{permits}-review", f"{documents}-store", 41, 0.061, 412),
        Call(f"{permits}-rules", f"{documents}-api", 20, 0.0088, 140),
        Call(f"{documents}-store", "pg-05", 44, 0.058, 390),
        Call(f"{payments}-ledger", "vendor-03.example", 62, 0.009, 240),
        Call(f"housing{region}-api", f"housing{region}-legacy", 3, life="idle"),
        Call(f"geo{region}-api", "topic-02", 12, life="new"),
        Call(f"taxes{region}-api", f"search{region}-rules", 6, life="gone"),
    ]
    plan.add(f"housing{region}", [f"housing{region}-legacy"])
    pairs = {(call.client, call.server) for call in trouble}
    plan.calls = [call for call in plan.calls if (call.client, call.server) not in pairs] + [
        call for call in trouble if {call.client, call.server} <= plan.places.keys()
    ]
