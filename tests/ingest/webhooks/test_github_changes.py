"""GitHub's pushes, pull requests, reviews and releases beyond the captured samples."""

import itertools
from typing import Any

import pytest

from plimsoll.store.models import Change, Release
from tests.ingest.webhooks.builders import sender
from tests.ingest.webhooks.github_bodies import REPOSITORY, pull_request, push, review, sha, told

pytestmark = pytest.mark.django_db


def test_pushed_commits_know_their_parents() -> None:
    told(sender("github"), ("push", push(2, 3, 4, before=1)))

    rows = {row.sha: row for row in Change.objects.all()}
    assert [rows[sha(n)].parent_sha for n in (2, 3, 4)] == [sha(1), sha(2), sha(3)]
    assert (rows[sha(4)].branch, rows[sha(4)].author, rows[sha(4)].title) == ("main", "c", "Do 4")


@pytest.mark.parametrize("body", [push(2, 3), push(2, 3, before=1, forced=True)])
def test_the_first_commit_of_a_new_or_rewritten_branch_has_no_known_parent(body: dict[str, Any]) -> None:
    told(sender("github"), ("push", body))

    assert [row.parent_sha for row in Change.objects.order_by("sha")] == [None, sha(2)]


def test_what_the_default_branch_says_of_a_commit_outweighs_other_branches_in_any_order() -> None:
    on_branch = ("push", push(2, 3, before=1, ref="refs/heads/retry"))
    on_main = ("push", push(2, 3, 4, before=0xFF))
    for order in ((on_branch, on_main), (on_main, on_branch)):
        Change.objects.all().delete()
        told(sender("github", name=order[0][1]["ref"]), *order)

        row = Change.objects.get(sha=sha(2))
        assert (row.branch, row.parent_sha) == ("main", sha(0xFF))


def test_commits_of_every_branch_are_kept_unless_the_source_names_branches() -> None:
    told(sender("github"), ("push", push(2, before=1, ref="refs/heads/retry")))
    limited = told(
        sender("github", {"branches": ["main", "release/*"]}, name="limited"),
        ("push", push(3, before=1, ref="refs/heads/other")),
        ("push", push(4, before=1, ref="refs/heads/release/1")),
    )

    assert sorted(row.sha or "" for row in Change.objects.all()) == [sha(2), sha(4)]
    assert ("ignored", "branch other is not one of this source's branches") in limited


def test_tags_deletions_and_empty_pushes_are_ignored() -> None:
    result = told(
        sender("github"),
        ("push", push(2, ref="refs/tags/v1")),
        ("push", push(deleted=True)),
        ("push", push(before=5, forced=True)),
    )

    assert [reason for _, reason in result] == ["tags are not used", "branch main was deleted", "no new commits"]


def test_a_push_of_5000_commits_is_capped() -> None:
    result = told(sender("github"), ("push", push(*range(1, 5001), before=0xFFFF)))

    assert Change.objects.count() == 2048
    assert result == [("applied", "the oldest 2952 of 5000 commits were left out")]
    assert Change.objects.get(sha=sha(2953)).parent_sha is None


def test_a_pull_request_in_any_order_gives_the_same_record() -> None:
    merged = {"state": "closed", "merged": True, "merged_at": "2026-03-02T07:58:00Z", "merged_by": {"login": "alice"}}
    hotfix = {"labels": [{"name": "hotfix"}]}
    events = [
        ("pull_request", pull_request("opened", draft=True)),
        ("pull_request", pull_request("ready_for_review", updated_at="2026-03-01T12:00:00Z")),
        ("pull_request_review", review("commented", "dave", "13:00:00")),
        ("pull_request_review", review("approved", "erin", "14:00:00")),
        ("pull_request_review", review("approved", "carol", "11:00:00")),
        ("pull_request", pull_request("labeled", updated_at="2026-03-01T15:00:00Z", **hotfix)),
        (
            "pull_request",
            pull_request("closed", updated_at="2026-03-02T07:58:00Z", **hotfix, **merged),
        ),
    ]
    seen = set()
    for index, order in enumerate(itertools.permutations(events)):
        if index % 701:
            continue
        Change.objects.all().delete()
        told(sender("github", name=str(index)), *order)
        row = Change.objects.get()
        times = (row.opened_at, row.ready_at, row.first_review_at, row.approved_at, row.merged_at)
        seen.add(
            (row.state, row.merge_sha, row.merged_by, str(row.labels), *(f"{time:%d %H:%M}" for time in times if time))
        )

    expected = ("01 10:00", "01 12:00", "01 13:00", "01 14:00", "02 07:58")
    assert seen == {("merged", sha(99), "alice", "['hotfix']", *expected)}


def test_a_test_merge_is_no_merge() -> None:
    told(sender("github"), ("pull_request", pull_request("opened")))

    row = Change.objects.get()
    assert (row.state, row.merge_sha, row.ready_at) == ("open", None, row.opened_at)


def test_authors_do_not_review_themselves() -> None:
    result = told(sender("github"), ("pull_request_review", review("approved", "carol", "11:00:00")))

    assert result == [("ignored", "authors do not review themselves")]


def test_published_and_released_are_one_release() -> None:
    release = {
        "tag_name": "v1",
        "published_at": "2026-03-02T08:00:00Z",
        "prerelease": False,
        "target_commitish": sha(4),
    }
    body = {"release": release, "repository": REPOSITORY}

    told(sender("github"), ("release", body | {"action": "published"}), ("release", body | {"action": "released"}))

    assert Release.objects.get().sha == sha(4)
