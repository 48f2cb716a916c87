"""What became of "Send a test", as the page's address says it: a reload shows the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from dashboards.frame.marks import Status
from plimsoll.setup.trips import Trip

_OUTCOMES = ("arrived", "refused", "unseen")
_LINES = ("deployments", "telemetry", "incidents")


@dataclass(frozen=True, slots=True)
class Tested:
    """A test of one line: how it went in words, and what the server said to it."""

    line: str
    status: Status
    text: str
    said: str = ""


def query(line: str, trip: Trip) -> str:
    """Return the query under which the page tells how a test went."""
    told = {"tested": line, "outcome": trip.outcome, "took": f"{trip.took_s:.1f}"}
    said = f"{trip.status} {trip.said}".strip()[:200]
    return "?" + urlencode(told | ({"said": said} if said else {}))


def tested(given: Mapping[str, str]) -> Tested | None:
    """Return the test that an address tells of; None when it tells of none that there can be."""
    line, outcome = given.get("tested", ""), given.get("outcome", "")
    if line not in _LINES or outcome not in _OUTCOMES:
        return None
    try:
        took = max(0.0, min(float(given.get("took", "0")), 999.0))
    except ValueError:
        took = 0.0
    said = given.get("said", "")[:200]
    if outcome == "arrived":
        text = _("A test was sent through the front door and arrived after %(n).1f s. No metric counts it.")
        return Tested(line, "ok", text % {"n": took})
    if outcome == "refused":
        return Tested(line, "bad", _("The test was refused; the list of what was received says why."), said)
    text = _("The test was accepted, and not seen within %(n).0f s. See whether the worker runs: plimsoll check")
    return Tested(line, "bad", text % {"n": took})
