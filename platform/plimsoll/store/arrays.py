"""Long arrays as parameters, written in PostgreSQL's binary form at once: a tenth of the work of a list of objects."""

import struct
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Self

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_HEADER: Final = struct.Struct(">iiIii")
_LENGTH: Final = struct.Struct(">i")
_NUMBER: Final = struct.Struct(">ii")


class _Array:
    """An array of elements that are given in their binary form, all of the same size and none of them null."""

    element_oid: ClassVar[int]
    oid: ClassVar[int]
    size: ClassVar[int]

    def __init__(self, elements: Iterable[bytes]) -> None:
        length = _LENGTH.pack(self.size)
        body = length.join((b"", *elements))
        self.sent = self._header(len(body) // (self.size + len(length))) + body

    @classmethod
    def _header(cls, n: int) -> bytes:
        # Dimensions, whether there are nulls, type, length, first index.
        return _HEADER.pack(1, 0, cls.element_oid, n, 1) if n else _HEADER.pack(0, 0, cls.element_oid, 0, 0)[:12]


class UUIDs(_Array):
    """uuid[], from 16 bytes each."""

    element_oid, oid, size = 2950, 2951, 16


class BigInts(_Array):
    """bigint[], from 8 bytes each in network order."""

    element_oid, oid, size = 20, 1016, 8

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Self:
        """Return the array of some integers."""
        return cls(map(struct.Struct(">q").pack, numbers))


class Floats(_Array):
    """double precision[], from 8 bytes each in network order."""

    element_oid, oid, size = 701, 1022, 8

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Self:
        """Return the array of some numbers."""
        return cls(map(struct.Struct(">d").pack, numbers))


class Integers(_Array):
    """integer[], from 4 bytes each in network order."""

    element_oid, oid, size = 23, 1007, 4

    @classmethod
    def runs(cls, lengths: Iterable[int]) -> Self:
        """Return 1 so many times as the first length says, then 2 so many times as the second, and so on."""
        made, counts = cls.__new__(cls), list(lengths)
        body = b"".join(_NUMBER.pack(4, number) * n for number, n in enumerate(counts, 1))
        made.sent = cls._header(sum(counts)) + body
        return made


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> Buffer | None:
        return obj.sent


def _registered(kinds: Sequence[type[_Array]]) -> None:
    for kind in kinds:
        psycopg.adapters.register_dumper(kind, type(f"{kind.__name__}Dumper", (_Dumper,), {"oid": kind.oid}))


_registered((UUIDs, BigInts, Floats, Integers))
