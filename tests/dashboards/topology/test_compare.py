"""Comparing a deployment: what the page says of the calls before and after it, and of what is missing."""

from datetime import timedelta

import pytest

from plimsoll.insight.topology.compare_windows import Windows, windows
from plimsoll.store.models import Deployment
from plimsoll.store.queries.rollouts import rollout
from tests.dashboards import builders
from tests.dashboards.builders import NOON
from tests.dashboards.topology.looking import calls, known_for, mark, now, page, texts
from tests.dashboards.topology.test_panel import arc, node, panel, said

pytestmark = pytest.mark.usefixtures("traffic")

MINUTE = timedelta(minutes=1)


def deployed(began_minutes_ago: float, ended_minutes_ago: float | None, **fields: object) -> Deployment:
    """A deployment of documents."""
    end = None if ended_minutes_ago is None else now() - ended_minutes_ago * MINUTE
    started = now() - began_minutes_ago * MINUTE
    return builders.deployment(
        "documents", version="v2.14.0", started_at=started, finished_at=end, **fields  # type: ignore[arg-type]
    )  # fmt: skip


def traffic_of(minutes: range, client: str, server: str, *, requests: int = 60, failed: int = 0) -> None:
    for ago in minutes:
        calls(client, server, minutes_ago=ago, requests=requests, failed=failed)


def test_each_edge_is_told_what_became_of_it() -> None:
    one = deployed(15, 13)
    before, after = range(15, 27), range(12)
    traffic_of(before, "portal", "documents")
    traffic_of(after, "portal", "documents", failed=6)
    traffic_of(before, "portal", "ledger")
    traffic_of(after, "portal", "ledger")
    traffic_of(before, "portal", "legacy")
    known_for(48)
    traffic_of(after, "documents", "vault")
    mark("error_rate", 0.05)

    text = said(f"?cmp={one.pk}")
    assert "1 new, 1 gone, 1 with more errors" in text
    changed = texts(panel(f"?cmp={one.pk}"), r"<h3>Changed with the deployment</h3>(.*?)</ul>")[0]
    assert "portal → documents more errors · 1.0/s · 10 % · 100 ms" in changed
    assert [word in changed for word in ("more errors", "gone", "new")] == [True] * 3

    text = said(f"?cmp={one.pk}&sel={arc('portal', 'documents')}")
    assert "Over the mark since v2.14.0 (" in text
    assert "Errors went from 0.0 % to 10 %; the mark is 5.0 %." in text
    assert "More errors, by more than chance explains." in text
    assert "12 min each before after" in text

    assert "No change that chance would not explain." in said(f"?cmp={one.pk}&sel={arc('portal', 'ledger')}")
    assert "Gone with this deployment" in said(f"?cmp={one.pk}&sel={arc('portal', 'legacy')}")
    assert "New with this deployment." in said(f"?cmp={one.pk}&sel={arc('documents', 'vault')}")


def test_where_telemetry_began_with_the_deployment_nothing_is_new() -> None:
    one = deployed(15, 13)
    traffic_of(range(12), "portal", "documents")

    text = said(f"?cmp={one.pk}")

    assert "1 new" not in text


def test_few_requests_are_said_to_be_too_few() -> None:
    one = deployed(15, 13)
    traffic_of(range(16, 26), "portal", "documents", requests=5)
    traffic_of(range(1, 11), "portal", "documents", requests=5, failed=5)

    text = said(f"?cmp={one.pk}&sel={arc('portal', 'documents')}")

    assert "Too few requests to judge: fewer than 100 before or after." in text
    assert "1 call, which cannot be judged: too little is known of it before or after." in said(f"?cmp={one.pk}")
    text = said(f"?cmp={one.pk}&sel={node('documents')}")
    assert "Blast radius: 1 caller, not judged" in text
    traffic_of(range(16, 26), "portal", "ledger")
    traffic_of(range(1, 11), "portal", "ledger")
    assert "Of 2 calls 1 cannot be judged: too few requests before or after. No other changed." in said(
        f"?cmp={one.pk}"
    )


def test_without_a_call_on_either_side_nothing_is_concluded() -> None:
    one = deployed(115, 113)
    traffic_of(range(3), "portal", "documents")

    text = said(f"?cmp={one.pk}")

    assert "There were no calls in the minutes that are compared, so nothing is judged." in text
    assert "No call changed" not in text


def test_what_is_heard_of_after_alone_is_not_said_to_have_had_no_calls() -> None:
    one = deployed(15, 13)
    traffic_of(range(12), "portal", "documents")

    text = said(f"?cmp={one.pk}&sel={node('documents')}")

    assert "Nothing was heard of it in the minutes before, so nothing is compared." in text
    assert "no calls in the minutes" not in text


def test_the_blast_radius_tells_what_was_measured_at_the_callers() -> None:
    one = deployed(15, 13)
    for minutes, failed in ((range(16, 26), 0), (range(1, 11), 6)):
        traffic_of(minutes, "gate", "portal", failed=failed)
        traffic_of(minutes, "portal", "documents", failed=failed)

    text = said(f"?cmp={one.pk}&sel={arc('portal', 'documents')}")

    assert "Blast radius: 2 callers, 1 of 1 judged worse" in text
    assert "portal up to 100 % · errors +10 pt" in text
    assert "gate up to 100 % · too few requests (0)" in text


def test_minutes_that_are_not_there_yet_are_told() -> None:
    one = deployed(6, 5)
    traffic_of(range(20), "portal", "documents")

    text = said(f"?cmp={one.pk}")

    assert "minutes after it are not there yet." in text


def test_a_call_is_not_gone_while_there_are_too_few_minutes_to_miss_it() -> None:
    one = deployed(4, 3)
    traffic_of(range(20), "portal", "documents")
    traffic_of(range(4, 16), "portal", "legacy", requests=2)

    text = said(f"?cmp={one.pk}")

    assert "minutes after it are not there yet." in text
    assert "gone" not in text


def test_a_deployment_whose_minutes_are_gone_cannot_be_compared_and_the_map_stays_as_it_is() -> None:
    one = deployed(60 * 50, 60 * 50 - 5)
    traffic_of(range(5), "portal", "documents")

    text = said(f"?cmp={one.pk}")

    assert "The minutes before this deployment are not kept any more: minutes are kept for 48 h." in text
    assert "portal → documents" in text


@pytest.mark.parametrize("given", ["0", "999999", "x", "-1", "9" * 30, "1e3", "٣"])
def test_a_deployment_that_is_not_there_is_told_and_nothing_is_compared(given: str) -> None:
    calls("portal", "documents")

    text = page(f"?cmp={given}")

    assert f"There is no deployment “{given[:20]}” to compare." in text


def test_the_menu_offers_the_latest_deployments_of_the_environments_shown() -> None:
    calls("portal", "documents")
    first, second = deployed(60, 55), deployed(30, 25)
    builders.deployment("documents", place="staging", started_at=now() - 9 * MINUTE, finished_at=now() - 5 * MINUTE)

    menu = page("?sel=n-1").partition("compare</span>")[2].partition("</details>")[0]

    links = [href for href in menu.split('"') if "cmp=" in href]
    assert links == [f"?sel=n-1&amp;cmp={second.pk}", f"?sel=n-1&amp;cmp={first.pk}"]


def at(minutes: float) -> object:
    return NOON + minutes * MINUTE


def windows_of(through: float = 60, kept_since: float = -600, **fields: object) -> Windows:
    """The windows of a deployment from 12:00:20 to 12:05:20."""
    fields = {"started_at": at(1 / 3), "finished_at": at(5 + 1 / 3), **fields}
    found = rollout(builders.deployment(**fields).pk, now=NOON + 60 * MINUTE)  # type: ignore[arg-type]
    assert found is not None
    return windows(found, kept_since=at(kept_since), through=at(through))  # type: ignore[arg-type]


def test_the_minutes_in_which_it_was_rolled_out_are_on_neither_side() -> None:
    assert windows_of() == Windows((at(-12), at(0)), (at(6), at(18)), is_while_out=False)  # type: ignore[arg-type]


def test_one_that_was_rolled_back_is_compared_while_it_was_out() -> None:
    found = windows_of(status="failure", rolled_back=True)

    assert (found.after, found.is_while_out, found.minutes) == ((at(1), at(5)), True, (12, 4))


def test_one_under_way_is_compared_as_far_as_the_data_go() -> None:
    found = windows_of(through=4.5, status="running", finished_at=None)

    assert (found.after, found.missing) == ((at(1), at(4)), 9)


def test_what_is_lost_or_missing_is_counted() -> None:
    assert (windows_of(kept_since=-9.5).lost, windows_of(through=16).missing) == (3, 2)
    # Nine minutes are left before, and there are six after.
    assert windows_of(kept_since=-9.5, through=12).pace == pytest.approx(6 / 9)
    assert windows_of(kept_since=1).pace == 0
    assert not windows_of(kept_since=0).is_comparable
    assert not windows_of(through=6).is_comparable
    assert windows_of(through=7).is_comparable


def test_a_canary_of_half_a_percent_more_is_rounded_as_people_do() -> None:
    one = deployed(15, None, status="running", traffic_percent=12.5)
    traffic_of(range(27), "portal", "documents")
    mark("p95_ms", 50)

    text = said(f"?cmp={one.pk}&sel={arc('portal', 'documents')}")

    assert "canary 13 %" in text
