"""Time ranges in addresses."""

from datetime import datetime, timedelta

from dashboards.api.problems import Mistake, invalid

# reliability, section 4
LONGEST = timedelta(days=400)


def checked(start: datetime | None, end: datetime | None, now: datetime) -> None:
    """Refuse a range that is empty, turned around or longer than 400 days; an open end is now."""
    if start is None:
        return
    if end is not None:
        ordered(start, end, ("from", "to"))
    if (end or now) - start > LONGEST:
        raise invalid([Mistake("from", f"The range is longer than {LONGEST.days} days; ask for less at a time.")])


def ordered(start: datetime, end: datetime, names: tuple[str, str]) -> None:
    """Refuse a range that is empty or turned around."""
    if end <= start:
        raise invalid([Mistake(names[0], f"It must be before `{names[1]}`.")])
