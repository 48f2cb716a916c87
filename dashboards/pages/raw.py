"""The raw events behind a deployment or an incident, for those who may see them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dashboards.frame import states
from dashboards.frame.page import Visit
from dashboards.frame.states import State
from plimsoll.store.queries.pages.raw import Raw, telling


@dataclass(frozen=True, slots=True)
class RawEvents:
    """Deliveries, or why there are none to see."""

    rows: Collection[Raw] = ()
    state: State | None = None


def raw_events(
    visit: Visit,
    source: int | None,
    names: Collection[str | None],
    times: Collection[datetime | None],
    made_at: datetime,
) -> RawEvents:
    """Return the deliveries that tell of a record; bodies may hold anything, so only site admins see them."""
    is_admin = visit.reader.may("administer") or visit.reader.may("admin")
    if not is_admin or visit.reader.team is not None:
        return RawEvents(state=states.no_permission(_("Payloads may hold anything: site admins see them.")))
    rows = telling(source, [name for name in names if name], [at for at in times if at is not None], made_at)
    if not rows:
        return RawEvents(
            state=states.not_enough(
                _("Not found: no delivery near its times, or near when it was first reported here, holds its name.")
            )
        )
    return RawEvents(rows)
