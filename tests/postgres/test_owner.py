"""What is opened to the server's user is the way through, nothing more."""

from pathlib import Path

from plimsoll.postgres import owner


def test_a_closed_parent_may_be_passed_through_afterwards_and_not_listed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    inner = closed / "data" / "postgres"
    inner.mkdir(parents=True)
    closed.chmod(0o700)

    owner.open_path(inner)

    assert closed.stat().st_mode & 0o777 == 0o701
    assert inner.stat().st_mode & 0o777 == 0o755


def test_programs_that_a_strict_umask_closed_can_be_run(tmp_path: Path) -> None:
    programs = tmp_path / "pginstall"
    (programs / "bin").mkdir(parents=True)
    (programs / "share").mkdir()
    program, text = programs / "bin" / "postgres", programs / "share" / "text"
    program.touch(0o700)
    text.touch(0o600)
    for folder in (programs, programs / "bin", programs / "share"):
        folder.chmod(0o700)

    owner.open_programs(programs)

    assert [path.stat().st_mode & 0o777 for path in (programs, program, text)] == [0o705, 0o705, 0o604]
