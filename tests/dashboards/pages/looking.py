"""Looking at a page as a reader with a token does, and reading what it shows."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.dashboards import builders


def looked_at(path: str, headers: dict[str, str] | None = None) -> str:
    """Return the page at an address, which must be there."""
    response = Client().get(path, headers=headers or builders.reading())
    assert response.status_code == 200, (response.status_code, response.content[:2000])
    return response.content.decode()


def text_of(page: str) -> str:
    """Return what a page says, in one line, without its frame."""
    content = page.split('<main id="content"', 1)[1].split("</main>", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.partition(">")[2])).split())


def rows_of(page: str) -> list[str]:
    """Return the text of each row of a page's tables."""
    rows = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split())
        for body in rows
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]


def figures_of(page: str) -> list[Any]:
    """Return what plotly.js is told to draw, chart by chart."""
    return [json.loads(each) for each in re.findall(r'<script[^>]*class="figure-json">(.*?)</script>', page, re.DOTALL)]


def total_of(page: str) -> int:
    """Return how many rows a list says that there are."""
    found = re.search(r"to [\d,]+ of ([\d,]+)", text_of(page))
    return int(found[1].replace(",", "")) if found else 0


def queries_of(look: Callable[[], object]) -> int:
    """Return how many questions to the database something takes, once what is kept for the minute was read."""
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            look()
        counts.append(len(caught))
    # A minute may have passed between the two looks, or before the first.
    return min(counts)


def said_on_the_map(path: str) -> dict[str, list[str]]:
    """What the panel of the map says of what is selected: figures by name, before and after where it compares."""
    panel = looked_at(path).partition('id="panel"')[2].partition("</aside>")[0]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', panel, re.DOTALL)
    shown = {name: re.findall(r"<td[^>]*>(?:<span.*?</span>)?([^<]+)</td>", cells) for name, cells in rows}
    assert shown, path
    return shown


def unlinked(page: str) -> list[str]:
    """Return the figures of rows that lead nowhere; a mark beside a figure is none."""
    names = "Rate|Errors|P95|Lead time|Recovery|Deployments|Failed|Changes"
    cells = re.findall(rf'data-label="({names})">(.*?)</td>', page, re.DOTALL)
    linked = re.compile(r'<a\b.*?</a>|<span class="quiet">.*?</span>|<[^>]+>', re.DOTALL)
    bare = [(name, " ".join(linked.sub(" ", cell).split())) for name, cell in cells]
    return [f"{name}: {said}" for name, said in bare if re.search(r"\d", said)]
