"""What fits on a board that never scrolls is shown whole, and the rest is counted."""

import pytest

from dashboards.lines import lines, shown


@pytest.mark.parametrize(
    ("text", "taken"),
    [("", 1), ("a" * 35, 1), ("a" * 36, 2), ("支付确认延迟", 1), ("支" * 17, 1), ("支" * 18, 2)],
)
def test_a_text_takes_as_many_lines_as_its_letters_fill(text: str, taken: int) -> None:
    assert lines(text, 35) == taken


@pytest.mark.parametrize(
    ("heights", "room", "wanted"),
    [
        ([], 5, 0),
        ([2, 2], 4, 2),
        # One line of the five is kept to say that there are two more.
        ([2, 2, 2, 2], 5, 2),
        ([3, 3, 3], 6, 1),
        # The first one is always shown.
        ([9, 1], 3, 1),
    ],
)
def test_items_are_shown_while_they_fit_beside_the_count_of_the_rest(
    heights: list[int], room: int, wanted: int
) -> None:
    assert shown(heights, room) == wanted


def test_a_list_of_the_busiest_has_no_rest_to_count() -> None:
    assert shown([1, 1, 1], 2, rest=0) == 2
