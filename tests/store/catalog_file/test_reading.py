# ruff: noqa: E501
"""Reading a catalog file: what it says, or everything that is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.store.catalog_file.entries import Entry, Refused, ServiceKey
from plimsoll.store.catalog_file.reading import read, read_file

FULL = """\
organisation:
  name: Plimsoll Lines
  marks: {deployment_frequency: 3 a day, lead_time: 60 min}
teams:
  - slug: payments
    name: Payments 支付
    time_zone: Asia/Shanghai
    marks: {change_failure_rate: 5 %}
environments:
  - {name: prod, class: production}
services:
  - name: ledger
    namespace: pay
    team: payments
    tier: critical
    description: Books
    marks:
      error_rate: 1 %
      p95: 350 ms
  - name: web
edges:
  - {client: web, server: pay/ledger, marks: {p95: 0.2 s}}
on_call:
  - {person: Lin Yue, duty: captain, from: 2026-11-23 09:00, until: "2026-11-24T09:00+01:00", team: payments}
"""


def refused(text: str | bytes) -> list[str]:
    with pytest.raises(Refused) as caught:
        read(text if isinstance(text, bytes) else text.encode(), "c.yaml")
    return str(caught.value).split("\n")


def test_everything_that_a_file_can_say_is_read() -> None:
    entries = {(entry.kind, entry.key): entry for entry in read(FULL.encode(), "c.yaml", "Europe/Berlin")}

    ledger = ServiceKey("pay", "ledger")
    shift = "captain Lin Yue 2026-11-23T09:00:00+01:00 to 2026-11-24T09:00:00+01:00 payments"
    assert {key: dict(entry.fields) for key, entry in entries.items()} == {
        ("organisation", ""): {"name": "Plimsoll Lines"},
        ("mark", "deployment_frequency of organisation"): {"metric": "deployment_frequency", "value": 3.0},
        ("mark", "lead_time of organisation"): {"metric": "lead_time", "value": 3600.0},
        ("team", "payments"): {"name": "Payments 支付", "time_zone": "Asia/Shanghai"},
        ("mark", "change_failure_rate of team payments"): {"metric": "change_failure_rate", "value": 0.05},
        ("environment", "prod"): {"environment_class": "production"},
        ("service", "pay/ledger"): {"team": "payments", "tier": "critical", "description": "Books"},
        ("mark", "error_rate of service pay/ledger"): {"metric": "error_rate", "value": 0.01},
        ("mark", "p95_ms of service pay/ledger"): {"metric": "p95_ms", "value": 350.0},
        ("service", "web"): {},
        ("mark", "p95_ms of edge web to pay/ledger"): {"metric": "p95_ms", "value": 200.0},
        ("shift", shift): {"person": "Lin Yue", "duty": "captain"},
    }
    edge = entries["mark", "p95_ms of edge web to pay/ledger"]
    assert (edge.client, edge.service) == (ServiceKey("", "web"), ledger)
    assert entries["shift", shift].starts_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "c.yaml:1:1: the file is empty; to manage nothing, write `teams: []` or leave PLIMSOLL_CATALOG out"),
        ("# only words\n", "c.yaml:1:1: the file is empty; to manage nothing, write `teams: []` or leave PLIMSOLL_CATALOG out"),
        ("[]", "c.yaml:1:1: the file is a list; write it as keys and values: organisation, teams, environments, services, edges, on_call"),
        ("teems: []", "c.yaml:1:1: the file has no key 'teems'; did you mean teams?"),
        ("teams: []\nteams: []", "c.yaml:2:1: teams is said twice; keep one of them, the first is on line 1"),
        ("teams: 3", "c.yaml:1:8: teams is '3'; write it as a list: one `- ` for each"),
        ("teams:\n- name: x", "c.yaml:2:3: the team has no slug; add `slug: ...`"),
        ("teams:\n- slug: a b", "c.yaml:2:9: slug is 'a b'; write letters, digits, - and _, at most 50, and not `all`: payments"),
        ("teams:\n- slug: all", "c.yaml:2:9: slug is 'all'; write letters, digits, - and _, at most 50, and not `all`: payments"),
        ("teams:\n- {slug: a, time_zone: Mars}", "c.yaml:2:24: time_zone is 'Mars'; write a time zone such as Europe/Berlin"),
        ("teams:\n- {slug: a, time_zone: Europe}", "c.yaml:2:24: time_zone is 'Europe'; write a time zone such as Europe/Berlin"),
        ("teams:\n- slug: a\n- slug: a", "c.yaml:3:3: team a is there twice; keep one of them"),
        ("teams:\n- {slug: a, name: }", "c.yaml:2:19: name is empty; write a value, or leave the key out"),
        ("environments:\n- {name: x, class: producton}", "c.yaml:2:20: class is 'producton'; did you mean production?"),
        ("teams: [{slug: payments}]\nservices:\n- {name: x, team: paymnts}", "c.yaml:3:19: there is no team 'paymnts' under teams; did you mean payments?"),
        ("services:\n- {name: a/b}", "c.yaml:2:10: name is 'a/b'; write what is before the / as `namespace`"),
        ("services:\n- {name: x, marks: {p95: 350}}", "c.yaml:2:26: p95 is '350'; write a duration such as 350 ms or 1.2 s"),
        ("services:\n- {name: x, marks: {p59: 350 ms}}", "c.yaml:2:21: marks has no key 'p59'; did you mean p95?"),
        ("services:\n- {name: x, description: \"a\\0b\"}", "c.yaml:2:26: description holds characters that cannot be shown; write it in plain letters"),
        ("services: [{name: a}]\nedges:\n- {client: a, server: b, marks: {p95: 1 s}}", "c.yaml:3:23: there is no service 'b' under services; it is one of a"),
        ("services: [{name: a, namespace: x}, {name: a, namespace: y}, {name: b}]\nedges:\n- {client: b, server: a, marks: {p95: 1 s}}", "c.yaml:3:23: there are 2 services 'a'; write x/a or y/a"),
        ("on_call:\n- {person: Lin, from: 2026-11-23, until: 2026-11-24 09:00}", "c.yaml:2:23: from is '2026-11-23'; write a day and a time such as 2026-11-23 09:00, with an offset such as +01:00 where it is not the own zone"),
        ("on_call:\n- {person: Lin, from: 2026-11-23 09:00, until: 2026-11-23 09:00}", "c.yaml:2:48: the shift ends before it begins; put `until` after `from`"),
        ("teams: [", "c.yaml:2:1: this is no YAML: did not find expected node content; look at the indentation, the colons and the quotes here and one line above"),
        ("teams:\n\t- x", "c.yaml:2:1: this is no YAML: found character that cannot start any token; indent with spaces, not with tabs"),
        (b"a: \xff", "c.yaml:1:4: this is no UTF-8; save the file as UTF-8"),
        ("teams: &t [*t]", "c.yaml:1:8: a team is a list; write it as keys and values: slug, name, time_zone, marks"),
        ("<<: {teams: []}", "c.yaml:1:1: the file has no key '<<'; it is one of organisation, teams, environments, services, edges, on_call"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_its_remedy(text: str | bytes, line: str) -> None:
    assert refused(text) == [line]


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    text = "teams:\n- {slug: a, nam: x}\nservices:\n- {name: x, teams: a, marks: {p95: fast}}\nservises: []\n"

    places = [line.split(": ")[0] for line in refused(text)]

    assert places == ["c.yaml:2:13", "c.yaml:4:13", "c.yaml:4:36", "c.yaml:5:1"]


def test_after_twenty_mistakes_the_others_are_counted() -> None:
    lines = refused("teams:\n" + "- {}\n" * 23)

    assert (len(lines), lines[-1]) == (21, "c.yaml: and 3 more mistakes")


def test_what_a_file_does_not_speak_of_is_not_among_the_fields() -> None:
    (entry,) = read(b"services: [{name: x, tier: low}]", "c.yaml")

    assert entry == Entry("service", "x", {"tier": "low"}, service=ServiceKey("", "x"))


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"none\.yaml:1:1: the file cannot be read \(No such file or directory\); "):
        read_file(tmp_path / "none.yaml")


def test_a_large_catalog_is_read_quickly_enough_to_be_applied_within_a_second() -> None:
    services = "".join(f"- {{name: s{n}, marks: {{p95: 350 ms, error_rate: 1 %}}}}\n" for n in range(2_000))

    assert len(read(f"services:\n{services}".encode(), "c.yaml")) == 6_000


def test_the_example_that_we_ship_is_right() -> None:
    example = Path(__file__).resolve().parents[3] / "deploy" / "snippets" / "catalog.yaml"

    kinds = [entry.kind for entry in read_file(example)]

    assert {kind: kinds.count(kind) for kind in kinds} == {
        "organisation": 1,
        "team": 1,
        "environment": 2,
        "service": 2,
        "mark": 8,
        "shift": 1,
    }
