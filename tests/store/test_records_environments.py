"""The class of an environment: by what is said of it, else by its name."""

import itertools

import pytest

from plimsoll.store.environments import class_by_name, settled_class


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("production", "production"),
        ("PROD", "production"),
        ("eu-prod-1", "production"),
        ("prod_cn", "production"),
        ("live", "production"),
        ("prd", "production"),
        ("main", "production"),
        ("staging", "staging"),
        ("stage-2", "staging"),
        ("uat", "staging"),
        ("pre", "staging"),
        ("preprod", "staging"),
        ("pre-production", "staging"),
        ("test", "testing"),
        ("qa3", "testing"),
        ("dev", "development"),
        ("development", "development"),
        ("github-pages", "other"),
        ("preview-17", "other"),
        ("nonprod", "other"),
        ("delivery", "other"),
        ("domain", "other"),
        ("latest", "other"),
        ("products", "other"),
        ("", "other"),
    ],
)
def test_a_name_suggests_a_class(name: str, expected: str) -> None:
    assert class_by_name(name) == expected


def test_a_claim_outweighs_the_name() -> None:
    assert settled_class("blue", "production") == "production"
    assert settled_class("production-pr-12", "other") == "other"


def test_claims_settle_the_same_in_any_order() -> None:
    for claims in itertools.permutations(["staging", "production", "other", "staging"]):
        settled = "other"
        for claim in claims:
            settled = settled_class("blue", settled, claim)

        assert settled == "production"


def test_a_word_that_is_no_class_changes_nothing() -> None:
    assert settled_class("blue", "somewhere") == "other"
