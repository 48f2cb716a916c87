"""Observations merge to the same record in any order and any number."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.store.merge import Held, Observation, joined, merged, project, read, sound, written
from tests.store.builders import NOON, minutes, observation

TIMES = st.integers(0, 3).map(minutes)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["pending", "running", "success", "failure"]),
        "sha": st.sampled_from([None, "a", "b"]),
        "started_at": TIMES,
        "finished_at": st.none() | TIMES,
        "attempt": st.integers(1, 3),
        "commits": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "reopened_at": st.lists(TIMES, max_size=2),
        "is_rollback": st.booleans(),
    },
)
OBSERVATIONS = st.lists(
    st.builds(
        Observation,
        st.just("deployment"),
        st.just("d1"),
        TIMES,
        SAID,
        st.integers(0, 2),
        st.frozensets(st.sampled_from(["late", "odd"])),
    ),
    min_size=1,
    max_size=6,
)


@given(OBSERVATIONS, st.data())
def test_any_order_and_any_repetition_gives_the_same_record(said: list[Observation], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=4))))

    assert merged({}, shuffled) == merged({}, said)
    assert project("deployment", merged({}, shuffled)) == project("deployment", merged({}, said))


@given(OBSERVATIONS, OBSERVATIONS, OBSERVATIONS)
def test_joining_states_is_associative_commutative_and_idempotent(
    first: list[Observation], second: list[Observation], third: list[Observation]
) -> None:
    a, b, c = merged({}, first), merged({}, second), merged({}, third)

    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(a, b) == joined(b, a)
    assert joined(a, a) == a
    assert joined(a, b) == merged({}, [*first, *second])


@given(OBSERVATIONS)
def test_a_state_is_read_as_it_was_written(said: list[Observation]) -> None:
    state = merged({}, said)
    columns, _ = project("deployment", state)

    assert read(written(state, columns), columns) == state


def test_the_later_word_wins_whenever_it_arrives() -> None:
    early = observation(at=minutes(1), status="failure", sha="a")
    late = observation(at=minutes(2), status="success", sha="b")

    columns, _ = project("deployment", merged({}, [late, early]))

    assert (columns["status"], columns["sha"]) == ("success", "b")


def test_a_final_state_outranks_a_running_one_of_the_same_moment() -> None:
    running = observation(rank=1, status="running", finished_at=None)
    final = observation(rank=2, status="failure", finished_at=NOON)

    columns, _ = project("deployment", merged({}, [final, running]))

    assert (columns["status"], columns["finished_at"]) == ("failure", NOON)


def test_a_field_that_was_not_spoken_of_stays() -> None:
    columns, _ = project("deployment", merged({}, [observation(sha="a"), observation(at=minutes(1), ref="main")]))

    assert (columns["sha"], columns["ref"]) == ("a", "main")


def test_first_times_keep_the_minimum_and_attempts_the_maximum() -> None:
    said = [
        observation(at=minutes(5), started_at=minutes(3), attempt=2),
        observation(at=minutes(9), started_at=minutes(4), attempt=1),
    ]

    columns, _ = project("deployment", merged({}, said))

    assert (columns["started_at"], columns["attempt"]) == (minutes(3), 2)


def test_a_finish_before_the_start_is_put_in_order_and_flagged() -> None:
    columns, flags = project(
        "deployment", merged({}, [observation(started_at=minutes(5), finished_at=minutes(2), status="success")])
    )

    assert (columns["started_at"], columns["finished_at"]) == (minutes(2), minutes(5))
    assert flags == {"finished_before_started"}


def test_a_repair_is_forgotten_when_the_times_turn_out_right() -> None:
    state = merged({}, [observation(started_at=minutes(5), finished_at=minutes(2))])
    columns, _ = project("deployment", state)
    kept = read(written(state, columns), columns)

    columns, flags = project("deployment", merged(kept, [observation(at=minutes(9), finished_at=minutes(9))]))

    assert (columns["started_at"], columns["finished_at"]) == (minutes(5), minutes(9))
    assert flags == frozenset()


def test_a_resolution_that_arrives_first_makes_the_record_and_the_opening_fills_in() -> None:
    resolved = observation("incident", at=minutes(9), rank=2, status="resolved", resolved_at=minutes(9))
    opened = observation("incident", at=NOON, status="open", opened_at=NOON, resolved_at=None, severity="high")

    before, _ = project("incident", merged({}, [resolved]))
    after, _ = project("incident", merged({}, [resolved, opened]))

    assert (before["status"], before["opened_at"], before["resolved_at"]) == ("resolved", None, minutes(9))
    assert (after["status"], after["opened_at"], after["resolved_at"]) == ("resolved", NOON, minutes(9))
    assert after["severity"] == "high"


def test_reopening_clears_the_resolution_and_is_counted_once_however_often_it_is_told() -> None:
    resolved = observation("incident", at=minutes(1), status="resolved", resolved_at=minutes(1))
    reopened = observation("incident", at=minutes(2), status="open", resolved_at=None, reopened_at=[minutes(2)])

    columns, _ = project("incident", merged({}, [reopened, resolved, reopened]))

    assert (columns["status"], columns["resolved_at"], columns["reopen_count"]) == ("open", None, 1)


def test_the_first_acknowledgement_is_kept() -> None:
    said = [observation("incident", at=minutes(n), acknowledged_at=minutes(n)) for n in (7, 3, 9)]

    columns, _ = project("incident", merged({}, said))

    assert columns["acknowledged_at"] == minutes(3)


def test_a_time_more_than_a_day_ahead_becomes_the_time_of_receipt() -> None:
    ahead = NOON + timedelta(hours=25)

    kept = sound(observation(at=ahead, finished_at=ahead, started_at=minutes(1)), NOON)

    assert (kept.at, kept.fields["finished_at"], kept.fields["started_at"]) == (NOON, NOON, minutes(1))
    assert kept.flags == {"future_event_time", "future_finished_at"}


def test_a_time_exactly_a_day_ahead_is_kept() -> None:
    ahead = NOON + timedelta(hours=24)

    assert sound(observation(at=ahead, finished_at=ahead), NOON).fields["finished_at"] == ahead


def test_what_nobody_said_is_unknown() -> None:
    columns, _ = project("deployment", {"ref": Held(NOON, 0, "main")})

    assert (columns["status"], columns["sha"], columns["finished_at"]) == ("unknown", None, None)
