"""The find box: words and terms, what they match, and clear words for what is not understood."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.topology.find import MOST_CHARACTERS, Fault, Measured, Problem, parsed


@dataclass(frozen=True)
class Spot:
    """A vertex, as far as it is looked for."""

    name: str = "documents"
    namespace: str = "permits"
    kind: str = "service"
    service: str | None = "documents"
    team: str | None = "permits"
    clusters: tuple[str, ...] = ("aws-1", "huawei-cn-2")


DOCUMENTS = Spot()
LEDGER = Spot(name="ledger", namespace="payments", service="ledger", team="payments", clusters=("azure-1",))
BANK = Spot(name="api.bank.example", namespace="", kind="external", service=None, team=None, clusters=())
FIGURES = Measured(rate=41.0, err=0.061, p50=61.0, p95=412.0)


@pytest.mark.parametrize(
    "text",
    [
        "", "docu", "DOCUMENTS", "permits/doc", "docu ment", "ns:permits", "NS:Permits", "ns:per*", "ns:*mit*",
        "cluster:aws-1", "team:permits", "kind:service", "service:documents", "ns:payments ns:permits", '"docu"',
        'ns:"permits"', "err>1", "err>6%", "err>=6.1", "p95>350ms", "p95>350", "p95>0.4s", "p50<=61", "rate>40",
        "rate<2500/m", "-new", "-ledger", "-ns:payments", "-p95>500", "docu err>1 p95>350ms cluster:huawei-cn-2",
    ],
)  # fmt: skip
def test_it_is_found(text: str) -> None:
    query = parsed(text)

    assert query.problems == ()
    assert query.matches(FIGURES, DOCUMENTS)


@pytest.mark.parametrize(
    "text",
    [
        "ledger", "docu ledger", "ns:permit", "ns:*x*", "ns:permits*permits", "cluster:azure-1", "team:payments",
        "kind:external", "err>7", "err<6", "p95>412ms", "p95<0.4s", "p99>1", "p99<1", "-p99>1", "rate>=42", "new",
        "gone", '"new"', "-docu", "-ns:permits",
    ],
)  # fmt: skip
def test_it_is_not_found(text: str) -> None:
    query = parsed(text)

    assert query.problems == ()
    assert not query.matches(FIGURES, DOCUMENTS)


def test_new_gone_and_idle_are_what_the_map_says() -> None:
    assert parsed("new").matches(Measured(flags=frozenset({"new"})), DOCUMENTS)
    assert not parsed("idle").matches(Measured(flags=frozenset({"new"})), DOCUMENTS)


def test_an_edge_has_the_names_of_one_of_its_ends_and_its_own_figures() -> None:
    assert parsed("ledger err>6").matches(FIGURES, DOCUMENTS, LEDGER)
    assert parsed("documents cluster:aws-1").matches(FIGURES, DOCUMENTS, LEDGER)
    # No end has both names.
    assert not parsed("documents ns:payments").matches(FIGURES, DOCUMENTS, LEDGER)
    assert not parsed("-kind:external").matches(FIGURES, DOCUMENTS, BANK)


@pytest.mark.parametrize(
    ("text", "fault", "choice"),
    [
        ("owner:permits", Fault.KEY, "ns:"),
        ("http://ledger", Fault.KEY, "ns:"),
        ("ns:", Fault.EMPTY, None),
        ('""', Fault.EMPTY, None),
        ("p90>3", Fault.FIGURE, "p95"),
        ("err=1", Fault.WAY, ">="),
        ("err>", Fault.VALUE, None),
        ("err>x", Fault.VALUE, None),
        ("err>-1", Fault.VALUE, None),
        ("err>1e9", Fault.VALUE, None),
        ("p95>3%", Fault.UNIT, "ms"),
        ("err>3ms", Fault.UNIT, "%"),
    ],
)
def test_a_term_that_means_nothing_is_named_and_the_others_count(text: str, fault: Fault, choice: str | None) -> None:
    query = parsed(f"docu {text}")

    (problem,) = query.problems
    assert (problem.term, problem.fault) == (text, fault)
    assert choice is None or choice in problem.choices
    assert query.words == ("docu",)
    assert not query.limits


def test_a_text_that_nobody_types_is_cut_and_told() -> None:
    query = parsed("a" * (MOST_CHARACTERS + 1))

    assert query.problems == (Problem("a" * 20, Fault.LONG),)
    assert query.words == ("a" * MOST_CHARACTERS,)


def test_an_empty_text_asks_for_nothing() -> None:
    assert not parsed("   ")
    assert parsed("x")


@given(st.text(max_size=300))
def test_any_text_is_read_or_told(text: str) -> None:
    query = parsed(text)

    query.matches(FIGURES, DOCUMENTS, BANK)
    assert query or query.problems or not text.strip()


@given(st.text(alphabet='ab:*"-<>=19% s', max_size=60))
def test_terms_in_disorder_are_read_or_told(text: str) -> None:
    query = parsed(text)

    query.matches(FIGURES, DOCUMENTS, BANK)
    assert query or query.problems or not text.strip()
