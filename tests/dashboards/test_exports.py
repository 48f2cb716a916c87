"""CSV and NDJSON: whole lists for tables, streamed."""

import csv
import gzip
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.dashboards import builders
from tests.dashboards.builders import NOON, reading

pytestmark = pytest.mark.django_db


def exported(headers: dict[str, str] | None = None, path: str = "deployments", **query: Any) -> Any:
    response = Client().get(f"/api/v1/{path}/", query, headers=headers or reading())
    assert response.status_code == 200, response.content
    return response


def table(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))


def test_a_csv_file_has_a_header_and_a_line_for_each_row() -> None:
    row = builders.deployment("ledger", "payments", is_rollback=True, attempt=2)
    builders.deployment("map", finished_at=None)

    response = exported(format="csv")

    first, second = table(response)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="deployments.csv"'
    assert response["Cache-Control"] == "private, max-age=30"
    assert (first["id"], first["service"], first["team"]) == (str(row.pk), "ledger", "payments")
    assert (first["finished_at"], first["is_rollback"], first["attempt"]) == ("2026-11-10T12:00:00Z", "true", "2")
    assert (second["finished_at"], second["lead_time_s"], second["is_rollback"]) == ("", "", "")


def test_csv_and_json_have_the_same_columns_and_values() -> None:
    builders.deployment("ledger", "payments", version="v1")
    headers = reading()

    (line,) = [json.loads(line) for line in exported(headers, format="ndjson").getvalue().splitlines()]
    (shown,) = Client().get("/api/v1/deployments/", headers=headers).json()["results"]
    (row,) = table(exported(headers, format="csv"))

    assert line == shown
    assert list(row) == list(shown)


def test_accept_chooses_the_format_too() -> None:
    builders.deployment()
    headers = reading()

    answer = exported({**headers, "Accept": "text/csv"})
    lines = exported({**headers, "Accept": "application/x-ndjson"})

    assert answer.getvalue().startswith(b"id,external_id,")
    assert json.loads(lines.getvalue())["service"] == "ledger"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_that_look_like_formulas_are_quoted_unless_raw(name: str) -> None:
    builders.deployment(name)
    headers = reading()

    (quoted,) = table(exported(headers, format="csv"))
    (raw,) = table(exported(headers, format="csv", raw=1))

    assert quoted["service"] == "'" + name
    assert raw["service"] == name


def test_numbers_stay_numbers() -> None:
    row = builders.deployment()
    builders.carried(row, builders.change(), -5.0)

    (shown,) = table(exported(format="csv"))

    assert shown["lead_time_s"] == "-5.0"


def test_text_with_commas_quotes_and_line_breaks_is_one_cell() -> None:
    builders.incident("ledger", title='one, "two"\nthree')

    (shown,) = table(exported(path="incidents", format="csv"))

    assert shown["title"] == 'one, "two"\nthree'


def test_a_byte_order_mark_comes_on_request() -> None:
    headers = reading()

    assert exported(headers, format="csv", bom=1).getvalue().startswith(b"\xef\xbb\xbfid,")
    assert exported(headers, format="csv").getvalue().startswith(b"id,")


def test_a_cut_export_says_where_the_rest_is() -> None:
    rows = [builders.deployment(updated_at=NOON + timedelta(minutes=minute)) for minute in range(5)]
    headers = reading()

    first = exported(headers, format="csv", limit=2)
    address = first["Link"].removeprefix("<").removesuffix('>; rel="next"')
    second = Client().get(address, headers=headers)
    third = Client().get(second["Link"].removeprefix("<").removesuffix('>; rel="next"'), headers=headers)

    assert [row["id"] for part in (first, second, third) for row in table(part)] == [str(row.pk) for row in rows]
    assert "Link" not in third


def test_an_export_of_exactly_the_limit_is_not_cut() -> None:
    for _ in range(2):
        builders.deployment()

    response = exported(format="ndjson", limit=2)

    assert "Link" not in response
    assert len(response.getvalue().splitlines()) == 2


def test_an_export_is_one_gzip_member_when_the_client_likes_it() -> None:
    for _ in range(50):
        builders.deployment()
    headers = reading()

    packed = exported({**headers, "Accept-Encoding": "gzip"}, format="ndjson")
    plain = exported(headers, format="ndjson")

    content = packed.getvalue()
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(content) == plain.getvalue()
    assert content.count(b"\x1f\x8b\x08") == 1


def test_an_incremental_export_says_how_far_it_goes() -> None:
    builders.deployment(updated_at=NOON)

    response = exported(format="ndjson", updated_since="2026-11-01")

    assert len(response.getvalue().splitlines()) == 1
    assert response["Plimsoll-As-Of"].endswith("Z")
