"""What kind of place an environment is, by what was said of it and by its name."""

import re
from typing import Final

# Where tests of the way in happen (`plimsoll check`): what is heard from there says nothing of any real sender.
TEST: Final = "plimsoll-check"
# What is named so is part of no list, figure or map: the environment, and the two services that call each other in it.
TESTS: Final = (TEST, f"{TEST}-server")

# From the one whose numbers matter most; contradicting words are settled in this order.
CLASSES: Final = ("production", "staging", "testing", "development", "other")

# Words of a name, in the order in which they decide (webhook-providers, section 2). A preview is nobody's production.
_PATTERNS: Final = (
    ("other", re.compile(r"(?<![a-z])(preview|review|non-?_?prod)|github-pages")),
    ("staging", re.compile(r"(?<![a-z])(stag(e|ing)?|stg|uat|pre|pre-?_?(prod|prd|live)[a-z]*)(?![a-z])")),
    ("production", re.compile(r"prod(uction)?(?![a-z])|(?<![a-z])(live|prd|main)(?![a-z])")),
    ("testing", re.compile(r"(?<![a-z])(test(ing|s)?|qa)(?![a-z])")),
    ("development", re.compile(r"(?<![a-z])dev(el|elop|elopment)?(?![a-z])")),
)


def class_by_name(name: str) -> str:
    """Return the class that an environment's name suggests."""
    folded = name.casefold()
    return next((environment_class for environment_class, pattern in _PATTERNS if pattern.search(folded)), "other")


def settled_class(name: str, *claims: str) -> str:
    """Return the class of an environment after what was said of it, in any order and however often.

    The name is the weakest word: a claim that differs from it wins, and of several such claims the first of `CLASSES`.
    """
    suggested = class_by_name(name)
    differing = [claim for claim in claims if claim != suggested and claim in CLASSES]
    return min(differing, key=CLASSES.index) if differing else suggested
