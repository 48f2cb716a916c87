"""What a demo remembers in its data folder: its seed, when it began, how far its history is told, and its keys."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from plimsoll.console.demo.sender import Door, Doors
from plimsoll.env import Address
from plimsoll.errors import PlimsollError


@dataclass(frozen=True, slots=True)
class State:
    """A demo's memory. `told_until` is None until the whole past has been sent once.

    `sources` are the paths and secrets of its webhook sources by provider, `tokens` those of its mesh's clusters: both
    are shown only when they are made, so they are kept here, readable by nobody else.
    """

    seed: int
    days: int
    time_zone: str
    anchor: datetime
    told_until: datetime | None
    sources: Mapping[str, Door]
    tokens: Mapping[str, str]

    def doors(self, web: Address) -> Doors:
        """Return where webhooks go while the web server has this address."""
        return Doors(web.host, web.port, self.sources)


def file_of(data: Path) -> Path:
    """Return the file in the data folder."""
    return data / "demo.json"


def read(path: Path) -> State | None:
    """Return what is remembered, None when there is nothing."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PlimsollError(f"The demo's memory {path} is damaged; remove the whole folder and start again.") from error
    told = kept["told_until"]
    return State(
        seed=kept["seed"],
        days=kept["days"],
        time_zone=kept["time_zone"],
        anchor=datetime.fromisoformat(kept["anchor"]),
        told_until=datetime.fromisoformat(told) if told else None,
        sources={provider: Door(**door) for provider, door in kept["sources"].items()},
        tokens=kept["tokens"],
    )


def write(path: Path, state: State) -> None:
    """Remember."""
    kept = asdict(state) | {
        "anchor": state.anchor.isoformat(),
        "told_until": state.told_until.isoformat() if state.told_until else None,
    }
    replace_file(path, kept)


def replace_file(path: Path, kept: Mapping[str, object]) -> None:
    """Write JSON to a file, all or nothing, and for the owner's eyes only."""
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
