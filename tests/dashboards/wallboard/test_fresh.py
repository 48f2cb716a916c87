"""How current a board is, and who is silent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards.wallboard.fresh import Fresh, fresh
from plimsoll.store.queries.board import Heard

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def found(behind: float | None, webhooks: float | None = None, **clusters: float) -> Fresh:
    """How current it is with telemetry so many minutes behind, in all and of each cluster."""
    names = {name.replace("_", "-"): ago(minutes) for name, minutes in clusters.items()}
    heard = Heard(None if behind is None else ago(behind), names, None if webhooks is None else ago(webhooks))
    return fresh(heard, NOW, BERLIN)


@pytest.mark.parametrize(
    ("behind", "state", "word", "text"),
    [
        (0.5, "ok", "Live", "data through 10:29"),
        (2, "ok", "Live", "data through 10:28"),
        (3.5, "warn", "3 min behind", ""),
        (5, "warn", "5 min behind", ""),
        (12, "bad", "Stale", "data ends 10:18"),
        (None, "unk", "No telemetry yet", ""),
    ],
)
def test_the_pill_is_a_shape_and_words(behind: float | None, state: str, word: str, text: str) -> None:
    pill = found(behind)

    assert (pill.state, pill.word, pill.text) == (state, word, text)
    assert pill.is_stale is (state == "bad")


def test_the_bar_names_the_silent_collector_and_says_whether_webhooks_still_arrive() -> None:
    bar = found(12, webhooks=3, huawei_cn_2=12)

    assert bar.bar == "No new data for 12 min."
    assert bar.more == "The numbers below end at 10:18. Collector"
    assert (bar.silent, bar.after) == (("huawei-cn-2",), "is silent; webhooks still arrive.")


def test_several_silent_collectors_come_in_the_order_of_their_silence() -> None:
    bar = found(12, aws_1=12, huawei_cn_2=600, azure_3=1500)

    # Not heard of for more than a day: it was taken away.
    assert bar.silent == ("huawei-cn-2", "aws-1")
    assert bar.after == "are silent, and no webhook came since."


def test_silence_of_a_part_leaves_the_numbers_as_they_are() -> None:
    bar = found(0.5, aws_1=0.5, huawei_cn_2=12)

    assert not bar.is_stale
    assert bar.word == "Live"
    assert (bar.bar, bar.silent, bar.after) == (
        "No telemetry from a part for 12 min.",
        ("huawei-cn-2",),
        "The others are live.",
    )


def test_while_all_is_well_there_is_no_bar() -> None:
    assert found(0.5, aws_1=0.5, huawei_cn_2=4).bar == ""


@pytest.mark.parametrize(("minutes", "words"), [(12, "12 min"), (119, "119 min"), (150, "2 h"), (5000, "3 d")])
def test_long_silence_is_said_short(minutes: int, words: str) -> None:
    assert found(minutes).bar == f"No new data for {words}."
