"""Attribute values as text: any type, any bytes, never too long (reliability, section 3)."""

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from ingest.otlp.values import text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AnyValue(string_value="GET"), "GET"),
        (AnyValue(string_value=" GET\n"), "GET"),
        (AnyValue(string_value=""), ""),
        (AnyValue(int_value=503), "503"),
        (AnyValue(int_value=-1), "-1"),
        (AnyValue(double_value=503.0), "503"),
        (AnyValue(double_value=0.25), "0.25"),
        (AnyValue(double_value=12345678.0), "12345678"),
        (AnyValue(double_value=float("nan")), "nan"),
        (AnyValue(bool_value=True), "true"),
        (AnyValue(bool_value=False), "false"),
        (AnyValue(array_value=ArrayValue(values=[AnyValue(string_value="a"), AnyValue(int_value=1)])), "a,1"),
        (AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="a")])), ""),
        (AnyValue(bytes_value=b"\x00\xff"), ""),
        (AnyValue(), ""),
    ],
)
def test_a_value_of_any_type_is_text(value: AnyValue, expected: str) -> None:
    assert text(value.SerializeToString()) == expected


def test_an_absent_value_is_empty() -> None:
    assert text(None) == ""


@pytest.mark.parametrize("length", [1, 100, 127, 128, 129, 255, 256, 300, 20_000])
def test_text_is_cut_at_256_characters(length: int) -> None:
    assert text(AnyValue(string_value="é" * length).SerializeToString()) == "é" * min(length, 256)


@pytest.mark.parametrize("length", [10, 200])
def test_characters_that_postgresql_cannot_keep_are_replaced(length: int) -> None:
    raw = AnyValue(string_value="a\x00b" + "x" * length).SerializeToString()

    assert text(raw) == "a�b" + "x" * length


@pytest.mark.parametrize("length", [10, 200])
def test_bytes_that_are_no_utf_8_are_replaced(length: int) -> None:
    raw = AnyValue(string_value="ab" + "x" * length).SerializeToString().replace(b"ab", b"\xff\xfe")

    assert text(raw) == "��" + "x" * length


@pytest.mark.parametrize("raw", [b"\x0a", b"\x0a\x05ab", b"\x0a\xff", b"\xff\xff", b"\x2a\x02\x0a\x09", b"\x12"])
def test_bytes_that_are_no_value_are_empty(raw: bytes) -> None:
    assert text(raw) == ""


def test_the_last_of_several_values_in_one_counts() -> None:
    twice = AnyValue(string_value="first").SerializeToString() + AnyValue(string_value="last").SerializeToString()

    assert text(twice) == "last"


def test_of_a_long_array_no_more_is_read_than_is_kept() -> None:
    value = AnyValue(array_value=ArrayValue(values=[AnyValue(string_value="")] * 200_000))

    assert text(value.SerializeToString()) == "," * 255
