"""From a catalog file to its entries, or to everything that is wrong with it; pure, without a database.

A file stands for itself: what its entries refer to is in it, too. So it can be checked anywhere, and what it means
does not depend on what happens to be known already.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yaml import Node

from plimsoll.store.catalog_file.entries import Entry, Kind, Mistake, Refused, ServiceKey
from plimsoll.store.catalog_file.nodes import Field, Reader, composed, is_null, nearest
from plimsoll.store.catalog_file.units import MARKS
from plimsoll.store.environments import CLASSES
from plimsoll.store.slugs import RULE, is_slug

LARGEST = 4 << 20

SECTIONS = ("organisation", "teams", "environments", "services", "edges", "on_call")
DUTIES = ("on_call", "captain")


def read_file(path: Path, time_zone: str = "UTC") -> tuple[Entry, ...]:
    """Return the entries of a file. Raises Refused."""
    return read(contents(path), str(path), time_zone)


def contents(path: Path) -> bytes:
    """Return the bytes of a file; Refused when they cannot be had."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        why = f"the file cannot be read ({error.strerror})"
        raise Refused(str(path), [Mistake(1, 1, why, "put it there, or point PLIMSOLL_CATALOG elsewhere")]) from error
    if len(raw) > LARGEST:
        raise Refused(str(path), [Mistake(1, 1, "the file is larger than 4 MiB", "is this the right file?")])
    return raw


def read(raw: bytes, name: str, time_zone: str = "UTC") -> tuple[Entry, ...]:
    """Return the entries of a document. Raises Refused with all its mistakes.

    Times without an offset are in the time zone.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise Refused(name, [Mistake(*place, "this is no UTF-8", "save the file as UTF-8")]) from error
    root, mistakes = composed(text)
    if root is None or is_null(root):
        nothing = Mistake(
            1, 1, "the file is empty", "to manage nothing, write `teams: []` or leave PLIMSOLL_CATALOG out"
        )
        raise Refused(name, mistakes or [nothing])
    document = _Document(ZoneInfo(time_zone))
    document.read(root)
    if document.mistakes:
        raise Refused(name, document.mistakes)
    return tuple(document.entries.values())


class _Document(Reader):
    """Reads the sections in the order in which they refer to each other."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone
        self.entries: dict[tuple[Kind, str], Entry] = {}
        self._services: dict[str, list[ServiceKey]] = defaultdict(list)

    def read(self, root: Node) -> None:
        """Read everything."""
        sections = self.mapping(root, "the file", SECTIONS)
        readers: dict[str, Callable[[Node], None]] = {
            "teams": self._team,
            "environments": self._environment,
            "services": self._service,
            "edges": self._edge,
            "on_call": self._shift,
        }
        if "organisation" in sections:
            self._organisation(sections["organisation"][1])
        for section, read in readers.items():
            if section in sections:
                for node in self.items(sections[section][1], section):
                    read(node)

    def _organisation(self, node: Node) -> None:
        fields = self.mapping(node, "organisation", ("name", "marks"))
        name = self.text(fields, "name")
        self._add(node, Entry("organisation", "", _said(name=name)))
        self._marks(fields, Entry("mark", "organisation"))

    def _team(self, node: Node) -> None:
        fields = self.mapping(node, "a team", ("slug", "name", "time_zone", "marks"))
        self.need(node, fields, "slug", "the team")
        slug = self.checked(fields, "slug", _slug, f"{RULE}: payments")
        name = self.text(fields, "name")
        time_zone = self.checked(fields, "time_zone", _zone, "a time zone such as Europe/Berlin")
        if slug is not None:
            self._add(node, Entry("team", slug, _said(name=name, time_zone=time_zone)))
            self._marks(fields, Entry("mark", f"team {slug}", team=slug))

    def _environment(self, node: Node) -> None:
        fields = self.mapping(node, "an environment", ("name", "class"))
        name = self.required(node, fields, "name", "the environment")
        environment_class = self._one_of(fields, "class", CLASSES)
        if name is not None:
            self._add(node, Entry("environment", name, _said(environment_class=environment_class)))

    def _service(self, node: Node) -> None:
        known = ("name", "namespace", "team", "tier", "description", "marks")
        fields = self.mapping(node, "a service", known)
        name = self.required(node, fields, "name", "the service")
        if name is not None and "/" in name:
            self.wrong(fields["name"][1], f"name is {name!r}", "write what is before the / as `namespace`")
            return
        namespace = self.text(fields, "namespace")
        said = _said(
            team=self._known_team(fields),
            tier=self.text(fields, "tier", 50),
            description=self.text(fields, "description", 2_000),
        )
        if name is not None:
            key = ServiceKey(namespace or "", name)
            self._add(node, Entry("service", str(key), said, service=key))
            self._marks(fields, Entry("mark", f"service {key}", service=key))

    def _edge(self, node: Node) -> None:
        fields = self.mapping(node, "an edge", ("client", "server", "marks"))
        ends = [self._known_service(node, fields, end) for end in ("client", "server")]
        if "marks" not in fields:
            self.wrong(node, "the edge has no marks", "add `marks: {p95: 200 ms}`, or remove it")
        client, server = ends
        if client is not None and server is not None:
            self._marks(fields, Entry("mark", f"edge {client} to {server}", service=server, client=client))

    def _shift(self, node: Node) -> None:
        fields = self.mapping(node, "a shift", ("person", "duty", "from", "until", "team"))
        person = self.required(node, fields, "person", "the shift")
        duty = self._one_of(fields, "duty", DUTIES) or DUTIES[0]
        for key in ("from", "until"):
            self.need(node, fields, key, "the shift")
        right = "a day and a time such as 2026-11-23 09:00, with an offset such as +01:00 where it is not the own zone"
        starts_at, ends_at = (self.checked(fields, key, self._moment, right) for key in ("from", "until"))
        team = self._known_team(fields)
        if person is None or starts_at is None or ends_at is None:
            return
        if ends_at <= starts_at:
            self.wrong(fields["until"][1], "the shift ends before it begins", "put `until` after `from`")
            return
        key = f"{duty} {person} {starts_at.isoformat()} to {ends_at.isoformat()} {team or 'organisation'}"
        said = {"person": person, "duty": duty}
        self._add(node, Entry("shift", key, said, team=team or "", starts_at=starts_at, ends_at=ends_at))

    def _marks(self, fields: dict[str, Field], of: Entry) -> None:
        """Read the marks of something."""
        if "marks" not in fields:
            return
        marks = self.mapping(fields["marks"][1], "marks", tuple(MARKS))
        for key in marks:
            metric, read, right = MARKS[key]
            value = self.checked(marks, key, read, right)
            if value is not None:
                entry = Entry("mark", f"{metric} of {of.key}", {"metric": metric, "value": value}, of.team, of.service)
                self._add(marks[key][0], _with_client(entry, of.client))

    def _add(self, node: Node, entry: Entry) -> None:
        if (entry.kind, entry.key) in self.entries:
            what = "the organisation" if entry.kind == "organisation" else f"{entry.kind} {entry.key}"
            self.wrong(node, f"{what} is there twice", "keep one of them")
            return
        self.entries[entry.kind, entry.key] = entry
        if entry.kind == "service" and entry.service is not None:
            for name in {str(entry.service), entry.service.name}:
                self._services[name].append(entry.service)

    def _one_of(self, fields: dict[str, Field], key: str, known: tuple[str, ...]) -> str | None:
        said = self.text(fields, key)
        if said is not None and said not in known:
            self.wrong(fields[key][1], f"{key} is {said!r}", nearest(said, known))
            return None
        return said

    def _known_team(self, fields: dict[str, Field]) -> str | None:
        said = self.text(fields, "team")
        if said is None or ("team", said) in self.entries:
            return said
        slugs = tuple(key for kind, key in self.entries if kind == "team")
        self.wrong(fields["team"][1], f"there is no team {said!r} under teams", nearest(said, slugs))
        return None

    def _known_service(self, owner: Node, fields: dict[str, Field], key: str) -> ServiceKey | None:
        """Return the service that an edge names, as `namespace/name` or, where that is enough, as `name`."""
        said = self.required(owner, fields, key, "the edge")
        found = self._services.get(said or "", [])
        exact = [each for each in found if str(each) == said]
        if said is not None and len(exact or found) != 1:
            names = tuple(map(str, found)) or tuple(key for kind, key in self.entries if kind == "service")
            why = (
                f"there are {len(found)} services {said!r}" if found else f"there is no service {said!r} under services"
            )
            self.wrong(fields[key][1], why, f"write {' or '.join(names)}" if found else nearest(said, names))
            return None
        return (exact or found)[0] if said is not None else None

    def _moment(self, said: str) -> datetime | None:
        """Return a time; a day alone leaves open which of its moments is meant."""
        if len(said) <= len("2026-11-23"):
            return None
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


def _said(**fields: str | None) -> dict[str, str | float]:
    return {name: value for name, value in fields.items() if value is not None}


def _with_client(entry: Entry, client: ServiceKey | None) -> Entry:
    return Entry(entry.kind, entry.key, entry.fields, entry.team, entry.service, client)


def _slug(said: str) -> str | None:
    return said if is_slug(said) else None


def _zone(said: str) -> str | None:
    try:
        ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return said


def of_kind(entries: Iterable[Entry], kind: Kind) -> list[Entry]:
    """Return the entries of a kind."""
    return [entry for entry in entries if entry.kind == kind]
