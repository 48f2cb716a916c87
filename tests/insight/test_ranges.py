"""Which changes a deployment carried, checked by hand."""

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.linkage.commits import Commits
from plimsoll.insight.linkage.groups import collapsed
from plimsoll.insight.linkage.ranges import carried, carriers
from plimsoll.store.facts import Attempt, Change
from tests.insight.builders import NOON, minutes
from tests.insight.reports import attempt, commit, pull, releases, sha

Found = list[tuple[int, int, str, str | None]]


def found(attempts: list[Attempt], *changes: Change) -> Found:
    """Return (deployment, change, method, start) of what was carried."""
    links = [each.link for each in carried(carriers(collapsed(attempts)), Commits(changes))]
    return [(link.deployment_id, link.change_id, link.method, link.start) for link in links]


# main: 1 - a - b - 2 - c - 3
MAIN = [
    commit(1, "1", at=-600),
    commit(2, "a", "1", at=-90),
    commit(3, "b", "a", at=-80),
    commit(4, "2", "b", at=-70),
    commit(5, "c", "2", at=130),
    commit(6, "3", "c", at=140),
]


def test_a_deployment_carries_the_commits_since_the_one_before() -> None:
    carried_by = {2: {4, 3, 2}, 3: {6, 5}}

    links = found(releases("1", "2", "3"), *MAIN)

    assert {d: {c for d2, c, _, _ in links if d2 == d} for d in (1, 2, 3)} == {1: set(), **carried_by}
    assert {(method, start) for _, _, method, start in links} == {("pushed", "authored")}


def test_lead_time_is_from_the_authors_date_to_the_finish() -> None:
    links = carried(carriers(collapsed(releases("1", "2"))), Commits(MAIN))

    # Version 2 finished 125 minutes after noon; its commits were made 70, 80 and 90 minutes before.
    assert [each.link.lead_time_s for each in links] == [195 * 60, 205 * 60, 215 * 60]


def test_the_first_deployment_carries_nothing() -> None:
    assert found(releases("3"), *MAIN) == []


def test_the_first_deployment_carries_what_its_sender_says() -> None:
    by_list = [attempt(1, version="2", commits=(sha("b"), sha("2"), sha("unknown")))]
    by_previous = [attempt(1, version="2", previous_sha=sha("1"))]

    assert {(c, method) for _, c, method, _ in found(by_list, *MAIN)} == {(3, "explicit"), (4, "explicit")}
    assert {(c, m) for _, c, m, _ in found(by_previous, *MAIN)} == {(c, "previous_sha") for c in (2, 3, 4)}


def test_a_commit_is_carried_by_the_first_deployment_that_contains_it() -> None:
    # After the rollback to 1, version 3 contains all since 1, but 2 and what came before had been live.
    links = found(releases("1", "2", "1", "3"), *MAIN)

    assert {(d, c) for d, c, _, _ in links} == {(2, 4), (2, 3), (2, 2), (4, 6), (4, 5)}


def test_a_rollback_and_a_redeploy_carry_nothing() -> None:
    links = found(releases("1", "2", "1", "2"), *MAIN)

    assert {d for d, _, _, _ in links} == {2}


def test_a_failed_run_carries_nothing_and_the_next_success_carries_it_all() -> None:
    first, _, third = releases("1", "2", "3")
    failed = attempt(2, 120, "2", status="failure")

    assert {(d, c) for d, c, _, _ in found([first, failed, third], *MAIN)} == {(3, c) for c in (2, 3, 4, 5, 6)}


def test_where_the_chain_breaks_only_what_is_surely_new_is_carried() -> None:
    # b is unknown. Version 1 was live at 12:05; of what leads to 3, only c and 3 were made after that.
    known = [MAIN[0], MAIN[3], MAIN[4], MAIN[5]]

    assert {c for _, c, _, _ in found(releases("1", "3"), *known)} == {5, 6}


def test_a_squashed_commit_gives_way_to_the_original_commits() -> None:
    branch = [commit(10, "f1", None, -200, branch="feature"), commit(11, "f2", "f1", -190, branch="feature")]
    squash = commit(12, "2", "1", -30)

    links = found(releases("1", "2"), MAIN[0], *branch, squash, pull(20, "2", "f2"))

    assert {(c, method, start) for _, c, method, start in links} == {
        (10, "merge_sha", "authored"),
        (11, "merge_sha", "authored"),
    }


def test_the_original_commits_end_at_the_branch_they_go_into() -> None:
    branch = [commit(11, "f2", "1", -190, branch="feature")]

    links = found(releases("0", "2"), MAIN[0], *branch, commit(12, "2", "0", -30), pull(20, "2", "f2"))

    assert [c for _, c, _, _ in links] == [11]


def test_a_squashed_commit_without_known_originals_gives_way_to_the_pull_request() -> None:
    links = found(releases("1", "2"), MAIN[0], commit(12, "2", "1", -30), pull(20, "2", "f2"))

    assert links == [(2, 20, "merge_sha", "opened")]


def test_a_pull_request_tells_of_a_deployed_commit_that_nobody_pushed_to_us() -> None:
    links = found(releases("1", "2"), MAIN[0], pull(20, "2", "f2", first_commit_at=NOON - minutes(300)))

    assert links == [(2, 20, "merge_sha", "first_commit")]


def test_a_merge_commit_is_left_out_when_its_branch_is_in_the_range() -> None:
    merged = [commit(10, "f1", "1", -200), commit(11, "f2", "f1", -190), commit(12, "2", "f2", -30)]

    links = found(releases("1", "2"), MAIN[0], *merged, pull(20, "2", "f2"))

    assert {(c, start) for _, c, _, start in links} == {(10, "authored"), (11, "authored"), (12, "merge_commit")}


def test_a_merge_is_also_known_by_the_title_that_git_writes() -> None:
    links = found(releases("1", "2"), MAIN[0], commit(12, "2", "1", -30, title="Merge branch 'x' into main"))

    assert links == [(2, 12, "pushed", "merge_commit")]


def test_a_rebase_keeps_the_commits_of_the_branch_it_went_into() -> None:
    originals = [commit(10, "f1", None, -200, branch="feature"), commit(11, "f2", "f1", -190, branch="feature")]
    rebased = [commit(12, "r1", "1", -200), commit(13, "2", "r1", -190)]

    links = found(releases("1", "2"), MAIN[0], *originals, *rebased, pull(20, "2", "f2"))

    assert {c for _, c, _, _ in links} == {12, 13}


def test_a_pull_request_that_is_not_merged_means_nothing() -> None:
    links = found(releases("1", "2"), MAIN[0], commit(12, "2", "1", -30), pull(20, "2", "f2", merged_at=None))

    assert links == [(2, 12, "pushed", "authored")]


def test_a_start_after_the_end_falls_back_to_the_committer_then_the_merge() -> None:
    ahead = NOON + minutes(1000)
    changes = [
        commit(2, "a", "1", authored_at=ahead, committed_at=NOON),
        commit(3, "b", "a", authored_at=ahead, committed_at=ahead, merged_at=NOON),
        commit(4, "2", "b", authored_at=ahead),
    ]

    links = found(releases("1", "2"), MAIN[0], *changes)

    assert {(c, start) for _, c, _, start in links} == {(2, "committed"), (3, "merged"), (4, "after_end")}


def test_a_commit_without_any_time_is_carried_with_an_unknown_start() -> None:
    links = found(releases("1", "2"), MAIN[0], commit(4, "2", "1", authored_at=None))

    assert links == [(2, 4, "pushed", None)]


def test_without_parents_a_branch_is_read_in_the_order_of_its_authors() -> None:
    flat = [
        commit(1, "1", at=-600),
        commit(2, "a", at=-90),
        commit(3, "side", at=-85, branch="feature"),
        commit(4, "2", at=-70),
        commit(5, "later", at=-60),
    ]

    assert {c for _, c, _, _ in found(releases("1", "2"), *flat)} == {2, 4}


def test_cut_commit_ids_find_their_commits() -> None:
    first, _ = releases("1", "2")
    short = attempt(2, 120, "2", sha=sha("2")[:8], commits=None)

    # `sha("2")` is cut to eight digits here, which only one commit begins with.
    assert found([first, short], commit(4, "2", "1", -70)) == [(2, 4, "pushed", "authored")]


def test_commits_of_another_repository_are_not_taken() -> None:
    foreign = Change(id=4, repo="acme/other", sha=sha("2"), parent_sha=sha("1"), authored_at=NOON)

    assert found(releases("1", "2"), foreign) == []


@given(st.permutations(MAIN), st.permutations(releases("1", "2", "1", "3")))
def test_the_order_of_arrival_does_not_matter(changes: list[Change], attempts: list[Attempt]) -> None:
    assert set(found(attempts, *changes)) == set(found(releases("1", "2", "1", "3"), *MAIN))
