"""What a page weighs at a first visit (ux, section 3)."""

import gzip
import re

import pytest
from django.test import Client

from plimsoll.console.bench.pages_places import BUDGETS, places

pytestmark = pytest.mark.django_db

# Of the design's shared base (ux, section 3), as sent: in KB, compressed; what the map draws and moves with is apart
# (section 3.6).
BASE_KB = {"css": 20, "font": 48, "htmx": 16.5, "script": 10, "map": 12}
_OF_THE_MAP = re.compile(r"/(map|matrix|rail)\.")
_FILES = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"')
_FONT = re.compile(r"""url\(["']?([^"')]+\.woff2)""")


def sent(client: Client, path: str) -> bytes:
    """A file as it is sent, compressed as browsers ask for it."""
    response = client.get(path, headers={"accept-encoding": "br, gzip"})
    assert response.status_code == 200, path
    return response.content


def kind_of(file: str) -> str:
    if file.endswith(".css"):
        return "css"
    return "htmx" if "/htmx/" in file else "map" if _OF_THE_MAP.search(file) else "script"


def weights(client: Client, path: str) -> dict[str, float]:
    """What a first visit weighs in KB, by kind; charts are counted apart."""
    page = client.get(path, headers={"accept-encoding": "gzip"})
    assert page.status_code == 200, path
    html = gzip.decompress(page.content) if page.headers.get("Content-Encoding") == "gzip" else page.content
    found = {"page": len(page.content) / 1000}
    for file in dict.fromkeys(_FILES.findall(html.decode())):
        if "/plotly/" in file:
            continue
        kind = kind_of(file)
        found[kind] = found.get(kind, 0.0) + len(sent(client, file)) / 1000
        if kind == "css":
            for font in _FONT.findall(client.get(file).content.decode()):
                found["font"] = len(sent(client, file.rpartition("/")[0] + "/" + font)) / 1000
    return found


@pytest.mark.parametrize("rows", ["full"], indirect=True, scope="module")
@pytest.mark.parametrize("page", BUDGETS)
def test_a_first_visit_weighs_no_more_than_its_budget(rows: Client, page: str) -> None:
    found = weights(rows, places()[page])

    assert sum(found.values()) <= BUDGETS[page].kb, found
    assert {kind: kb for kind, kb in found.items() if kb > BASE_KB.get(kind, BUDGETS[page].kb)} == {}
