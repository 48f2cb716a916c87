"""The store says what the catalog file says, all at once; what people made survives it."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plimsoll.store import access
from plimsoll.store.catalog import environment_ids
from plimsoll.store.catalog_file import applying
from plimsoll.store.catalog_file.reading import read
from plimsoll.store.connections import opened
from plimsoll.store.models import (
    AuditEvent,
    CatalogFile,
    Environment,
    Mark,
    Organisation,
    Service,
    Shift,
    Team,
)

pytestmark = pytest.mark.django_db


def apply(text: str) -> list[tuple[str, str]]:
    """Apply a document; return what it changed as (action, kind and key)."""
    changes = applying.apply(read(text.encode(), "c.yaml"), path="c.yaml", digest=str(hash(text)))
    return [(change.action, f"{change.kind} {change.key}".strip()) for change in changes]


NOTHING = "teams: []"
FULL = """\
organisation: {name: Lines, marks: {lead_time: 60 min}}
teams: [{slug: pay, name: Payments}]
environments: [{name: blue, class: production}]
services:
- {name: ledger, namespace: core, team: pay, tier: critical, marks: {error_rate: 1 %}}
- {name: web}
edges: [{client: web, server: ledger, marks: {p95: 200 ms}}]
on_call: [{person: Lin Yue, from: 2026-11-23 09:00, until: 2026-11-24 09:00, team: pay}]
"""


def test_a_file_fills_an_empty_store() -> None:
    apply(FULL)

    ledger = Service.objects.get(name="ledger")
    assert (ledger.namespace, ledger.team and ledger.team.slug, ledger.tier) == ("core", "pay", "critical")
    assert ledger.state == "owned"
    assert Organisation.objects.get().name == "Lines"
    assert Environment.objects.get().environment_class == "production"
    marks: list[object] = list(Mark.objects.values_list("metric", "value", "team", "service__name", "client__name"))
    assert set(marks) == {
        ("lead_time", 3600.0, None, None, None),
        ("error_rate", 0.01, None, "ledger", None),
        ("p95_ms", 200.0, None, "ledger", "web"),
    }
    assert Shift.objects.get().person == "Lin Yue"


def test_the_same_file_again_changes_nothing() -> None:
    first = apply(FULL)
    before = list(Service.objects.values_list("updated_at")), AuditEvent.objects.count()

    again = apply(FULL)

    assert len(first) == 9
    assert again == []
    assert (list(Service.objects.values_list("updated_at")), AuditEvent.objects.count()) == before


def test_what_the_file_made_goes_with_its_entries() -> None:
    apply(FULL)

    apply(NOTHING)

    left = [model.objects.count() for model in (Organisation, Team, Environment, Service, Mark, Shift)]
    assert left == [0, 0, 0, 0, 0, 0]


def test_what_people_made_stays_with_the_values_it_had() -> None:
    team = Team.objects.create(slug="ops", name="Operations")
    service = Service.objects.create(namespace="core", name="ledger", team=team, tier="low", description="Books")
    mark = Mark.objects.create(metric="lead_time", value=60)

    apply(FULL)
    service.refresh_from_db()
    during = service.team and service.team.slug, service.tier, service.description, service.state
    apply(NOTHING)

    service.refresh_from_db()
    mark.refresh_from_db()
    assert during == ("pay", "critical", "Books", "owned")
    assert (service.team, service.tier, service.state, mark.value) == (team, "low", "discovered", 60)
    assert list(Team.objects.all()) == [team]


def test_a_field_that_is_not_said_any_more_gets_its_old_value_back() -> None:
    Service.objects.create(name="web", tier="low")
    apply("services: [{name: web, tier: critical, description: Shop}]")

    changes = apply("services: [{name: web, description: Shop}]")

    assert changes == [("change", "service web")]
    assert Service.objects.values_list("tier", "description").get() == ("low", "Shop")


def test_what_others_refer_to_is_kept_when_its_entry_goes() -> None:
    apply("teams: [{slug: pay}]\nservices: [{name: web, team: pay, tier: low}]")
    access.new_token("ci", ["read"], team="pay")
    Mark.objects.create(metric="p95_ms", value=1, service=Service.objects.get())

    apply(NOTHING)

    assert Team.objects.get().slug == "pay"
    service = Service.objects.get()
    assert (service.team, service.tier, service.state) == (None, "", "discovered")


def test_what_carries_a_name_of_tests_leaves_with_the_file_too() -> None:
    apply("services: [{name: plimsoll-check, tier: critical}]\n")

    apply(NOTHING)

    assert not Service.every.exists()


def test_a_team_that_is_gone_is_not_given_back() -> None:
    Service.objects.create(name="web", team=Team.objects.create(slug="old", name="Old"))
    apply("teams: [{slug: pay}]\nservices: [{name: web, team: pay}]")
    Team.objects.get(slug="old").delete()

    apply(NOTHING)

    assert Service.objects.get().team is None


def test_a_service_known_by_a_webhook_without_its_namespace_is_the_same() -> None:
    known = Service.objects.create(name="ledger")

    apply(FULL)

    assert Service.objects.get(name="ledger").pk == known.pk


def test_of_two_services_of_a_name_each_has_its_own_row() -> None:
    Service.objects.create(name="web")

    apply("services: [{name: web, namespace: a, tier: low}, {name: web, namespace: b}]")

    assert set(Service.objects.values_list("namespace", "tier")) == {("", ""), ("a", "low"), ("b", "")}


def test_no_sender_changes_the_class_of_an_environment_in_the_file() -> None:
    apply("environments: [{name: blue, class: testing}, {name: green}]")

    environment_ids({"blue": ["production"], "green": ["production"]})

    assert dict(Environment.objects.values_list("name", "environment_class")) == {
        "blue": "testing",
        "green": "production",
    }


def test_each_change_is_in_the_audit() -> None:
    apply("teams: [{slug: pay, name: Pay}]\nservices: [{name: web, team: pay}]")
    apply("teams: [{slug: pay, name: Payments}]\nservices: [{name: web}]")

    events = AuditEvent.objects.order_by("id").values_list("actor", "action", "target", "before", "after")
    assert list(events) == [
        ("catalog", "add", "team pay", {}, {"name": "Pay"}),
        ("catalog", "add", "service web", {}, {"state": "owned", "team": "pay"}),
        ("catalog", "change", "team pay", {"name": "Pay"}, {"name": "Payments"}),
        ("catalog", "change", "service web", {"team": "pay"}, {"team": None}),
    ]


def test_what_the_file_manages_can_be_asked() -> None:
    by_hand = Team.objects.create(slug="ops", name="Operations")
    apply(FULL)

    managed = applying.managed()

    assert managed["team"] == {Team.objects.get(slug="pay").pk}
    assert by_hand.pk not in managed["team"]
    assert managed["service"] == set(Service.objects.values_list("pk", flat=True))


def test_a_refusal_is_kept_beside_what_was_applied_until_the_file_is_right() -> None:
    apply(FULL)
    applying.refuse("c.yaml", "c.yaml:1:1: wrong; mend it")
    state = applying.state()
    assert state is not None
    during = state.refusal, len(state.entries)

    apply(FULL)

    assert during == ("c.yaml:1:1: wrong; mend it", 9)
    assert CatalogFile.objects.values_list("refusal", "refused_at").get() == ("", None)


def test_without_a_file_what_it_managed_is_left_to_people() -> None:
    apply(FULL)

    applying.release()

    assert applying.state() is None
    assert Team.objects.get().slug == "pay"
    assert AuditEvent.objects.order_by("-id")[0].target == "catalog file"


def test_a_shift_by_hand_survives_the_one_in_the_file() -> None:
    now = timezone.now()
    Shift.objects.create(person="Ana", starts_at=now, ends_at=now + timedelta(hours=1))
    apply(FULL)

    apply(NOTHING)

    assert Shift.objects.get().person == "Ana"


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_sees_half_of_a_file() -> None:
    """Each of two documents gives all of its 40 services, its team and its 40 marks one and the same word."""
    documents = [
        f"teams: [{{slug: pay, name: {word}}}]\nservices:\n"
        + "".join(f"- {{name: {word}{n}, tier: {word}, marks: {{p95: 1 s}}}}\n" for n in range(40))
        for word in ("odd", "even")
    ]
    apply(documents[0])
    seen: set[tuple[object, ...]] = set()
    ended = threading.Event()

    def watch() -> None:
        with opened() as own:
            while not ended.is_set():
                question = (
                    "SELECT (SELECT name FROM team), (SELECT min(tier) || max(tier) || count(*) FROM service), "
                    "(SELECT count(*) FROM mark)"
                )
                seen.update(own.execute(question).fetchall())

    reader = threading.Thread(target=watch)
    reader.start()
    for turn in range(1, 11):
        apply(documents[turn % 2])
    ended.set()
    reader.join()

    assert seen == {("odd", "oddodd40", 40), ("even", "eveneven40", 40)}


@pytest.mark.django_db(transaction=True)
def test_several_workers_with_the_same_file_apply_it_once() -> None:
    changes: list[int] = []

    def work() -> None:
        try:
            changes.append(len(apply(FULL)))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(changes) == [0, 0, 0, 9]
    assert AuditEvent.objects.count() == 9
    assert Team.objects.count() == 1


def test_a_catalog_of_a_thousand_services_is_applied_in_seconds() -> None:
    services = "".join(f"- {{name: s{n}, tier: low, marks: {{p95: 350 ms, error_rate: 1 %}}}}\n" for n in range(1_000))
    entries = read(f"services:\n{services}".encode(), "c.yaml")
    began = time.monotonic()

    changes = applying.apply(entries, path="c.yaml", digest="x")

    assert len(changes) == 3_000
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("known", [True, False])
def test_many_entries_take_as_many_statements_as_a_few(known: bool) -> None:
    apply("teams: [{slug: pay}]")
    counts = []
    for n in (40, 400):
        if known:
            Service.objects.bulk_create(Service(name=f"known-{n}-{number}") for number in range(n))
        services = [f"{{name: known-{n}-{number}, team: pay, tier: low}}" for number in range(n)]
        for text in (f"teams: [{{slug: pay}}]\nservices: [{', '.join(services)}]", "teams: [{slug: pay}]"):
            with CaptureQueriesContext(connection) as said:
                apply(text)
            # Django deletes some hundred rows at a time.
            counts.append(sum(not each["sql"].startswith("DELETE") for each in said))

    assert counts[:2] == counts[2:]


def test_what_is_given_back_counts_as_changed() -> None:
    Service.objects.create(name="web", tier="low")
    apply("services: [{name: web, tier: high}]")
    Service.objects.update(updated_at="2026-01-01T00:00Z")

    apply(NOTHING)

    web = Service.objects.get()
    assert (web.tier, web.updated_at.year > 2026 or web.updated_at.month > 1) == ("low", True)
