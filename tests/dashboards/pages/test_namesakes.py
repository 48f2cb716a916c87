"""Two services of one name in two namespaces: every count of one leads to the list of that one, with the same count."""

import json
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.models import Service
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, text_of, total_of

pytestmark = pytest.mark.django_db
SHOPS = {"shop": 3, "shop-eu": 5}


def ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


@pytest.fixture(autouse=True)
def carts() -> dict[str, Service]:
    """Of `shop/cart` 3 deployments, one of which failed with an incident; of `shop-eu/cart` 5."""
    found = {}
    for place, n in SHOPS.items():
        cart = found[place] = Service.objects.create(name="cart", namespace=place, team=builders.team("retail"))
        for at in range(n):
            builders.deployment(service=cart, failed=place == "shop" and not at, finished_at=ago(60 + at), repo=place)
    broken = builders.incident(opened_at=ago(61), caused_by=found["shop"].deployment_set.filter(failed=True).get())
    broken.services.set([found["shop"]])
    return found


def links_of(page: str) -> list[str]:
    """Return all addresses that a page leads to."""
    return [unescape(link) for link in dict.fromkeys(re.findall(r'href="([^"]*)"', page))]


@pytest.mark.parametrize(("place", "incidents", "failed"), [("shop", 1, 1), ("shop-eu", 0, 0)])
def test_each_count_of_a_service_leads_to_a_list_of_it_alone(place: str, incidents: int, failed: int) -> None:
    n, its_lists = SHOPS[place], f"/deployments/?service={place}%2Fcart&"

    page = looked_at(f"/services/cart/?ns={place}")

    lists = {link.removeprefix(its_lists): total_of(looked_at(link)) for link in links_of(page) if its_lists in link}
    assert f"{n} deployments" in text_of(page)
    assert f"Deployments {n} All of the range" in text_of(page)
    assert lists["metric=deployment_frequency"] == lists["metric=change_failure_rate"] == lists["everywhere=1"] == n
    assert total_of(looked_at(f"{its_lists}metric=change_failure_rate&evidence=failed")) == failed
    assert total_of(looked_at(f"/incidents/?service={place}%2Fcart&everywhere=1")) == incidents
    assert f"/incidents/?service={place}%2Fcart&everywhere=1" in links_of(page)
    assert f"/topology/?service={place}%2Fcart" in links_of(page)


@pytest.mark.parametrize("path", ["/services/", "/teams/retail/"])
def test_each_count_in_a_table_of_services_leads_to_a_list_of_that_one_alone(path: str) -> None:
    rows = re.findall(r"<tr.*?</tr>", looked_at(path), re.DOTALL)

    found = [
        (unescape(link), int(n))
        for row in rows
        for link, n in re.findall(r'href="(/deployments/[^"]*service=[^"]*)">(\d+)<', row)
    ]

    assert {3, 5} <= {n for _, n in found}
    assert [total_of(looked_at(link)) for link, _ in found] == [n for _, n in found]


def test_the_list_says_which_of_them_it_is_of_and_how_to_have_all() -> None:
    page = looked_at("/deployments/?service=shop%2Fcart")

    (way_out,) = re.findall(r'<a class="chip info" href="([^"]*)"', page)
    assert "service shop/cart" in text_of(page)
    assert total_of(looked_at(f"/deployments/{way_out}")) == 8
    assert "There is no service “shop-us/cart”; it was left out." in looked_at("/deployments/?service=shop-us/cart")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "shown is the one without namespace."), ("zh-hans", "无命名空间的那个")]
)
def test_one_that_nobody_gave_a_namespace_is_asked_for_by_its_bare_name(language: str, said: str) -> None:
    builders.deployment("cart", finished_at=ago(60))

    page = looked_at("/services/cart/", {**builders.reading(), "Accept-Language": language})

    (link,) = (link for link in links_of(page) if "metric=deployment_frequency" in link and "/deployments/" in link)
    assert said in page
    assert link == "/deployments/?service=%2Fcart&metric=deployment_frequency"
    assert total_of(looked_at(link)) == 1


def test_the_interface_takes_the_same_names() -> None:
    def count(query: str) -> object:
        answer = Client().get(f"/api/v1/{query}&count=true", headers=builders.reading())
        return json.loads(answer.content)["count"]

    assert [count(f"deployments/?service={name}") for name in ("cart", "shop/cart", "/cart")] == [8, 3, 0]
    assert [count(f"incidents/?service={name}") for name in ("shop/cart", "shop-eu/cart")] == [1, 0]
    assert count("deployments/?service=shop-eu/cart&metric=deployment_frequency") == 5
    assert count("services/?service=shop/cart") == 1
