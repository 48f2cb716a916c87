"""The catalog file is followed: saved, replaced, swapped by its links, broken and mended."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from plimsoll.store.catalog_file import applying
from plimsoll.store.catalog_file.entries import Refused
from plimsoll.store.catalog_file.watching import Watch, watched
from plimsoll.store.models import Team

pytestmark = pytest.mark.django_db(transaction=True)


def team(slug: str) -> str:
    return f"teams: [{{slug: {slug}}}]\n"


def slugs() -> list[str]:
    return list(Team.objects.values_list("slug", flat=True))


def seconds_until(is_so: Callable[[], bool], patience_s: float = 5) -> float:
    """Wait until something is so; return how long it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < patience_s
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.yaml"
    path.write_text(team("first"))
    return path


@contextmanager
def following(path: Path) -> Iterator[None]:
    with watched(path, "UTC"):
        yield
    connections.close_all()


def test_at_the_start_the_file_is_applied_before_anything_else(file: Path) -> None:
    with following(file):
        assert slugs() == ["first"]


def test_a_save_is_applied_within_a_second(file: Path) -> None:
    with following(file):
        file.write_text(team("second"))

        assert seconds_until(lambda: slugs() == ["second"]) < 1


def test_a_file_that_replaces_the_other_is_applied_within_a_second(file: Path) -> None:
    with following(file):
        new = file.with_suffix(".swp")
        new.write_text(team("second"))
        os.utime(new, (0, 0))
        new.replace(file)

        assert seconds_until(lambda: slugs() == ["second"]) < 1


def test_a_mounted_file_whose_links_are_swapped_is_applied_within_a_second(tmp_path: Path) -> None:
    """As Kubernetes does it: catalog.yaml -> ..data/catalog.yaml, ..data -> a folder of the version."""
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "catalog.yaml").write_text(team(version))
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "catalog.yaml").symlink_to("..data/catalog.yaml")
    with following(tmp_path / "catalog.yaml"):
        (tmp_path / "..next").symlink_to("two")
        (tmp_path / "..next").replace(tmp_path / "..data")

        assert seconds_until(lambda: slugs() == ["two"]) < 1


def test_a_wrong_file_leaves_what_was_applied_and_is_logged_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), following(file):
        file.write_text("teams: [{slog: second}]")
        seconds_until(lambda: bool((state := applying.state()) and state.refusal))
        time.sleep(0.7)
        state = applying.state()
        during = slugs(), state and state.refusal.count("\n")
        file.write_text(team("third"))
        seconds_until(lambda: slugs() == ["third"])

    assert during == (["first"], 1)
    assert [record.getMessage().split("\n")[0] for record in caplog.records] == [
        "The catalog was refused, and what was applied before stays:"
    ]
    state = applying.state()
    assert state is not None
    assert state.refusal == ""


def test_contents_count_only_once_they_have_been_the_same_twice(file: Path) -> None:
    watch = Watch(file, "UTC")
    watch.begin()
    file.write_text(team("half"))
    watch.turn()
    file.write_text(team("whole"))
    watch.turn()
    unsettled = slugs()

    watch.turn()

    assert (unsettled, slugs()) == (["first"], ["whole"])


def test_a_file_that_is_away_takes_nothing_away(file: Path) -> None:
    watch = Watch(file, "UTC")
    watch.begin()
    file.unlink()
    watch.turn()
    watch.turn()
    state = applying.state()
    assert state is not None
    assert "the file cannot be read (No such file or directory)" in state.refusal
    assert slugs() == ["first"]

    file.write_text(team("first"))
    watch.turn()
    watch.turn()

    state = applying.state()
    assert state is not None
    assert state.refusal == ""


def test_the_first_file_of_an_installation_must_be_right(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text("teams: 3")

    with pytest.raises(Refused, match=r"catalog\.yaml:1:8: teams is '3'"), following(path):
        pass


def test_a_later_start_goes_on_with_what_was_applied(file: Path) -> None:
    with following(file):
        pass
    file.write_text("teams: 3")

    with following(file):
        assert slugs() == ["first"]


def test_a_lost_connection_is_replaced_and_the_file_applied_then(file: Path) -> None:
    with following(file):
        file.write_text(team("second"))
        seconds_until(lambda: slugs() == ["second"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        file.write_text(team("third"))

        assert seconds_until(lambda: slugs() == ["third"], patience_s=10) < 10


def test_the_thread_ends_with_the_block(file: Path) -> None:
    with following(file):
        pass

    assert [thread.name for thread in threading.enumerate() if thread.name == "catalog"] == []
