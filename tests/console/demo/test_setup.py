"""The demo configures itself once, and never in a database that is somebody's own."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from plimsoll.console.demo import state
from plimsoll.console.demo.setup import configured
from plimsoll.errors import BadSetting
from plimsoll.store.access import token_for
from plimsoll.store.marks import marks
from plimsoll.store.models import Deployment, Service, Shift, Source, Team, Token, WebhookDelivery
from plimsoll.store.sources import add_source, secrets_of, source_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return state.file_of(tmp_path)


def test_it_writes_who_owns_what_and_no_data(path: Path) -> None:
    configured(path, 1, 90, "UTC")

    owners = Counter(Service.objects.values_list("team__slug", flat=True))
    assert (Team.objects.count(), sum(owners.values()), None in owners) == (6, 30, False)
    assert (WebhookDelivery.objects.count(), Deployment.objects.count()) == (0, 0)


def test_it_writes_the_marks_and_who_is_on_call_at_any_hour(path: Path) -> None:
    memory = configured(path, 1, 90, "UTC")

    assert (marks().of("p95_ms", service="ledger"), marks().of("p95_ms", service="search")) == (250.0, 350.0)
    for hours in (0, 12, 24 * 30):
        moment = memory.anchor + timedelta(hours=hours)
        on_duty = Shift.objects.filter(starts_at__lte=moment, ends_at__gt=moment)
        assert sorted(on_duty.values_list("duty", flat=True)) == ["captain", "on_call"]


def test_its_keys_open_its_doors(path: Path) -> None:
    memory = configured(path, 1, 90, "UTC")

    for provider, door in memory.sources.items():
        source = source_of(provider, door.path.removeprefix(f"/hooks/{provider}/"))
        assert source is not None
        assert secrets_of(source) == [door.secret]
    tokens = [token_for(clear) for clear in memory.tokens.values()]
    assert [(token.scopes, token.cluster) for token in tokens if token] == [
        (["ingest"], "aws-1"),
        (["ingest"], "huawei-cn-2"),
        (["ingest"], "azure-3"),
    ]


def test_a_second_start_finds_everything_as_it_was(path: Path) -> None:
    first = configured(path, 1, 90, "UTC")

    again = configured(path, 1, 90, "UTC")

    assert again == first
    assert (Source.objects.count(), Token.objects.count()) == (3, 3)


def test_its_memory_is_for_its_owner_alone(path: Path) -> None:
    configured(path, 1, 90, "UTC")

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_start_that_was_interrupted_before_it_could_remember_is_taken_up(path: Path) -> None:
    lost = configured(path, 1, 90, "UTC")
    path.unlink()

    memory = configured(path, 1, 90, "UTC")

    door = memory.sources["github"]
    source = source_of("github", door.path.rpartition("/")[2])
    assert source is not None
    assert door.path == lost.sources["github"].path
    assert secrets_of(source)[0] == door.secret != lost.sources["github"].secret


def test_a_database_with_sources_of_its_own_is_left_alone(path: Path) -> None:
    add_source("github", "ours", secret="secret")

    with pytest.raises(BadSetting, match="has sources of its own"):
        configured(path, 1, 90, "UTC")
    assert not path.exists()
    assert Team.objects.count() == 0
