"""Attempts and rollouts of one version are one deployment."""

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.insight.linkage.groups import collapsed
from plimsoll.insight.linkage.versions import same_sha
from tests.insight.builders import NOON, minutes
from tests.insight.reports import attempt


def members(*attempts: object) -> list[list[int]]:
    return [[a.id for a in group.attempts] for group in collapsed(attempts)]  # type: ignore[arg-type]


def test_a_failed_run_and_its_retry_are_one_deployment_that_succeeded() -> None:
    (group,) = collapsed([attempt(1, 0, status="failure"), attempt(2, 10)])

    assert [a.id for a in group.attempts] == [1, 2]
    assert group.succeeded
    assert (group.began_at, group.finished_at) == (NOON, NOON + minutes(15))


def test_rollouts_to_clusters_are_one_deployment_from_the_first_start_to_the_last_finish() -> None:
    (group,) = collapsed([attempt(2, 20, cluster="b"), attempt(1, 0, cluster="a"), attempt(3, 40, cluster="c")])

    assert group.id == 1
    assert (group.began_at, group.finished_at) == (NOON, NOON + minutes(45))


def test_an_hour_is_the_longest_a_deployment_takes_reports() -> None:
    assert members(attempt(1, 0), attempt(2, 60)) == [[1, 2]]
    assert members(attempt(1, 0), attempt(2, 61)) == [[1], [2]]


def test_the_hour_is_counted_from_the_first_start() -> None:
    assert members(attempt(1, 0), attempt(2, 40), attempt(3, 80)) == [[1, 2], [3]]


def test_an_older_version_that_comes_back_within_the_hour_is_no_retry() -> None:
    assert members(attempt(1, 0, "1"), attempt(2, 10, "2"), attempt(3, 20, "1")) == [[1], [2], [3]]


def test_clusters_that_follow_each_other_may_run_two_versions_at_once() -> None:
    rollouts = [
        attempt(1, 0, "1", cluster="a"),
        attempt(2, 10, "2", cluster="a"),
        attempt(3, 12, "1", cluster="b"),
        attempt(4, 30, "2", cluster="b"),
    ]

    assert members(*rollouts) == [[1, 3], [2, 4]]


def test_a_stated_rollback_is_not_a_part_of_what_it_returns_to() -> None:
    assert members(attempt(1, 0), attempt(2, 10, is_rollback=True)) == [[1], [2]]


def test_without_a_version_the_artifact_and_then_the_commit_tell() -> None:
    by_artifact = [attempt(n, n, None, artifact="sha256:aa", sha=None) for n in (1, 2)]
    by_commit = [attempt(3, 3, None, sha="abcdef0" * 5 + "12345"), attempt(4, 4, None, sha="abcdef0")]

    assert members(*by_artifact, *by_commit) == [[1, 2], [3, 4]]


def test_reports_of_nothing_known_are_deployments_of_their_own() -> None:
    assert members(attempt(1, 0, None), attempt(2, 1, None)) == [[1], [2]]


def test_the_same_run_is_the_same_deployment() -> None:
    assert members(attempt(1, 0, None, run_id="7"), attempt(2, 1, "3", run_id="7")) == [[1, 2]]


def test_a_running_deployment_has_no_finish() -> None:
    (group,) = collapsed([attempt(1, 0, status="running", finished_at=None)])

    assert group.unfinished
    assert group.finished_at is None


def test_cut_commit_ids_are_the_same_from_seven_digits() -> None:
    assert same_sha("abcdef0", "abcdef0123")
    assert not same_sha("abcdef", "abcdef0123")
    assert not same_sha("feature", "feature-two")


@given(
    st.lists(
        st.builds(
            lambda at, version, cluster, status: (at, version, cluster, status),
            st.integers(0, 200),
            st.sampled_from(["1", "2", None]),
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["success", "failure", "running"]),
        ),
        max_size=10,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_does_not_matter(
    told: list[tuple[int, str | None, str | None, str]], random: object
) -> None:
    attempts = [attempt(n, at, v, cluster=c, status=s) for n, (at, v, c, s) in enumerate(told)]
    shuffled = list(attempts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert collapsed(shuffled) == collapsed(attempts)
    assert sorted(a.id for group in collapsed(attempts) for a in group.attempts) == [a.id for a in attempts]


def test_of_two_that_begin_at_the_same_moment_the_name_decides() -> None:
    one, other = attempt(1, 0, external_id="b"), attempt(2, 0, external_id="a")

    assert members(one, other) == [[2, 1]]
