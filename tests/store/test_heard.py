"""Until when anything was heard: tests of the way in are nobody's telemetry."""

import asyncio

import pytest
from django.utils import timezone

from ingest.mesh.dialect import USER
from plimsoll.store.cells import Cells, Ref
from plimsoll.store.notices import data_through, listening
from plimsoll.store.queries import board
from tests.insight.traffic import FRONTEND, REVIEWS, calls, outside, written


@pytest.mark.django_db
def test_a_test_of_the_way_in_makes_nothing_live() -> None:
    cells = Cells()
    calls(cells, environment="plimsoll-check")
    written(cells)

    heard = board.heard(timezone.now())

    assert (board.telemetry_through(), heard.telemetry, heard.clusters) == (None, None, {})


@pytest.mark.django_db
@pytest.mark.parametrize(("client", "cluster"), [(FRONTEND, "c1"), (USER, "c2"), (outside("partner.example"), "c2")])
def test_a_cluster_is_heard_of_when_its_callers_are_or_who_is_called_from_outside(client: Ref, cluster: str) -> None:
    cells = Cells()
    calls(cells, client=client, server=REVIEWS._replace(cluster="c2"))
    written(cells)

    assert set(board.heard(timezone.now()).clusters) == {cluster}


@pytest.mark.django_db
def test_what_a_mesh_sends_does() -> None:
    cells = Cells()
    calls(cells, environment="plimsoll-check")
    calls(cells, environment="production")
    written(cells)

    assert board.telemetry_through() is not None
    assert set(board.heard(timezone.now()).clusters) == {"c1"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("environment", "is_heard"), [("plimsoll-check", False), ("production", True)])
def test_the_beat_of_open_pages_says_the_same(environment: str, is_heard: bool) -> None:
    cells = Cells()
    calls(cells, environment=environment)
    written(cells)

    async def asked() -> bool:
        own = await listening()
        try:
            return (await data_through(own))[0] is not None
        finally:
            await own.close()

    assert asyncio.run(asked()) is is_heard
