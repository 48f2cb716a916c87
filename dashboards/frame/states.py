"""The states that a panel can be in besides having something to show (ux, section 4)."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["loading", "not_connected", "empty", "not_enough", "partial", "stale", "failed", "no_permission"]


@dataclass(frozen=True, slots=True)
class Action:
    """The next step: what the button says and where it leads."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class State:
    """One sentence on why there is nothing, or less than all, to see, and the next step."""

    kind: Kind
    text: str = ""
    action: Action | None = None
    # what went wrong can be asked about under this name
    request_id: str = ""
    # how many skeleton lines keep the place
    lines: int = 3

    @property
    def template(self) -> str:
        """The part that draws it."""
        return f"parts/states/{self.kind}.html"


def loading(lines: int = 3) -> State:
    """Still being computed: a skeleton of the same size."""
    return State("loading", lines=lines)


def not_connected(text: str, action: Action | None = None) -> State:
    """No source has ever told anything about this."""
    return State("not_connected", text, action)


def empty(text: str, action: Action | None = None) -> State:
    """A known zero: it is known that there was nothing."""
    return State("empty", text, action)


def not_enough(text: str) -> State:
    """Too few events for a judgement; the text says how many there are and how many it takes."""
    return State("not_enough", text)


def partial(text: str, action: Action | None = None) -> State:
    """Some parts are missing; the text names them."""
    return State("partial", text, action)


def stale(text: str) -> State:
    """What is shown ended some time ago; the text says when."""
    return State("stale", text)


def failed(text: str, action: Action | None = None, request_id: str = "") -> State:
    """It could not be computed; the text says what failed and what still works."""
    return State("failed", text, action, request_id)


def no_permission(text: str) -> State:
    """The reader may not; the text says who can grant it."""
    return State("no_permission", text)
