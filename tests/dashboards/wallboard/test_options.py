"""What a screen's address asks for, and what is said when it makes no sense."""

import pytest
from django.http import QueryDict

from dashboards.wallboard.options import Options, options


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Options()),
        ("k=plw_x&lang=zh-hans", Options()),
        ("theme=light", Options(theme="light")),
        ("rotate=0", Options(rotate_s=0)),
        ("rotate=90", Options(rotate_s=90)),
        ("scale=1.25", Options(scale="1.2")),
        ("scale=0.8", Options(scale="0.8")),
        ("scale=1.6", Options(scale="1.6")),
        ("night=20-07", Options(night="20-07")),
        ("night=0-6", Options(night="0-6")),
    ],
)
def test_what_is_asked_for_is_taken(query: str, expected: Options) -> None:
    assert options(QueryDict(query)) == expected


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ("theme=pink", "There is no theme “pink”, but dark and light."),
        ("rotate=4", "rotate is 0 (never) or 5 to 3600 seconds."),
        ("rotate=often", "rotate is 0 (never) or 5 to 3600 seconds."),
        ("rotate=-30", "rotate is 0 (never) or 5 to 3600 seconds."),
        ("scale=0.7", "scale is 0.8 to 1.6."),
        ("scale=1.7", "scale is 0.8 to 1.6."),
        ("scale=nan", "scale is 0.8 to 1.6."),
        ("night=20-24", "night is two hours, such as 20-07."),
        ("night=late", "night is two hours, such as 20-07."),
        ("lang=tlh", "There is no language “tlh”."),
        ("colour=red", "Not understood and left out: colour."),
    ],
)
def test_what_makes_no_sense_falls_back_and_is_said(query: str, notice: str) -> None:
    found = options(QueryDict(query))

    assert found == Options(notices=(notice,))
