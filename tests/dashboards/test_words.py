"""Values as people read them."""

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboards import words
from dashboards.words import Reading


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, Reading("0", "s")),
        (42.4, Reading("42", "s")),
        (59.6, Reading("1.0", "min")),
        (252, Reading("4.2", "min")),
        (1680, Reading("28", "min")),
        (3599, Reading("1.0", "h")),
        (7200, Reading("2.0", "h")),
        (47 * 3600, Reading("47", "h")),
        (48 * 3600, Reading("2.0", "d")),
        (30 * 86400, Reading("30", "d")),
    ],
)
def test_a_duration_has_the_unit_that_keeps_it_short(seconds: float, expected: Reading) -> None:
    assert words.duration(seconds) == expected


def test_a_share_is_in_percent() -> None:
    assert [words.share(rate).number for rate in (0.0083, 0.0, 1.0, 0.0996)] == ["0.8", "0.0", "100", "10"]


def test_a_small_rate_keeps_a_second_place() -> None:
    assert [words.per_day(rate).number for rate in (17.285, 0.357, 0.0)] == ["17.3", "0.36", "0.0"]


def test_a_count_stays_short() -> None:
    counts = (0, 12_345, 99_999, 100_000, 360_400, 1_250_000, 2.5e9)

    assert [words.number(n) for n in counts] == ["0", "12,345", "99,999", "100 k", "360 k", "1.3 M", "2.5 G"]


def test_a_latency_over_a_second_is_in_seconds() -> None:
    assert [words.milliseconds(ms) for ms in (3.42, 118.0, 1412.0)] == ["3.4 ms", "118 ms", "1.4 s"]


def test_halves_are_rounded_up_as_people_do() -> None:
    assert [words.per_day(rate).number for rate in (17.25, 0.125)] == ["17.3", "0.13"]
    # 29 of 400, which as a binary number is a little less.
    assert words.share(29 / 400).number == "7.3"
    assert [words.duration(seconds).number for seconds in (0.5, 255, 15660)] == ["1", "4.3", "4.4"]
    assert [words.milliseconds(ms) for ms in (4.25, 118.5, 1250.0)] == ["4.3 ms", "119 ms", "1.3 s"]
    assert [words.per_second(rate) for rate in (0.125, 12.5, 1250.0)] == ["0.13/s", "13/s", "1.3k/s"]
    assert [words.short(value) for value in (9.94, 9.95, 10.5)] == ["9.9", "10", "11"]


@st.composite
def near_halves(draw: st.DrawFn) -> tuple[float, int, float]:
    """Half of a last place as people write it, or a binary number beside that."""
    places, unit = draw(st.integers(0, 3)), draw(st.sampled_from((1, 0.01, 60, 1000, 86400)))
    half = Decimal(2 * draw(st.integers(-(10**13), 10**13)) + 1) / 2 / 10**places * Decimal(str(unit))
    towards = draw(st.sampled_from((float(half), math.inf, -math.inf)))
    return math.nextafter(float(half), towards), places, unit


@given(st.one_of(near_halves(), st.tuples(st.floats(), st.integers(0, 3), st.sampled_from((1, 0.01, 60, 1000)))))
@example((-0.0, 1, 1))
@example((999_999_999.4999999, 0, 1))
def test_every_number_is_rounded_as_if_it_were_written_out(given: tuple[float, int, float]) -> None:
    value, places, unit = given

    with localcontext(rounding=ROUND_HALF_UP):
        assert words.fixed(value, places, unit) == format(Decimal(str(value)) / Decimal(str(unit)), f".{places}f")


def test_a_number_of_any_size_is_written() -> None:
    assert words.milliseconds(1e300).startswith("1000000")
    assert words.per_second(1e-9) == "1e-09/s"


def test_a_difference_has_a_sign_and_is_rounded_as_people_do() -> None:
    assert [words.signed(ratio, 0, 0.01) for ratio in (0.125, -0.125, 0.145)] == ["+13", "−13", "+15"]
    assert words.signed(0.0025, 1, 0.01) == "+0.3"
    assert [words.signed(ratio, 0, 0.01) for ratio in (-0.003, 0.0, 0.003)] == ["0", "0", "0"]
