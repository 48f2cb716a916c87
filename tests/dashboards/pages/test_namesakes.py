"""Two services of one name in two namespaces: every count of one leads to the list of that one, with the same count."""

import json
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.marks import marks, set_mark
from plimsoll.store.models import Node, Service
from plimsoll.store.settings.marks import mark_rows
from tests.dashboards import builders
from tests.dashboards.pages.looking import looked_at, rows_of, text_of, total_of

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


@pytest.mark.parametrize(("place", "mark"), [("shop", "50"), ("shop-eu", "5.0")])
def test_each_has_its_own_marks(carts: dict[str, Service], place: str, mark: str) -> None:
    set_mark("change_failure_rate", 0.5, service=carts["shop"])
    set_mark("change_failure_rate", 0.05, service=carts["shop-eu"])

    assert f"≤ {mark}" in text_of(looked_at(f"/services/cart/?ns={place}"))
    assert f"≤ {mark}" in text_of(looked_at(f"/why/change_failure_rate/?service={place}/cart"))
    assert "≤" not in text_of(looked_at("/why/change_failure_rate/?service=cart"))


def test_a_name_with_a_slash_is_not_taken_for_a_name_in_a_namespace(carts: dict[str, Service]) -> None:
    Service.objects.filter(pk=carts["shop-eu"].pk).update(namespace="", name="shop/cart")
    set_mark("change_failure_rate", 0.5, service=carts["shop"])
    set_mark("change_failure_rate", 0.05, service=carts["shop-eu"])

    found = re.findall(r'href="(/deployments/[^"]*service=[^"]*)">(\d+)<', looked_at("/services/?range=28d"))

    assert {3, 5} <= {int(n) for _, n in found}
    assert all(total_of(looked_at(unescape(link))) == int(n) for link, n in found)
    assert [marks().of("change_failure_rate", service=f"{name}/cart") for name in ("shop", "/shop")] == [0.5, 0.05]


def test_settings_say_whose_mark_it_is(carts: dict[str, Service]) -> None:
    set_mark("p95_ms", 300, service=carts["shop"], client=carts["shop-eu"])

    assert [(row.client, row.service) for row in mark_rows()] == [("shop-eu/cart", "shop/cart")]


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
class TestHeard:
    def test_one_over_its_mark_leads_to_its_own_page(self, carts: dict[str, Service]) -> None:
        set_mark("error_rate", 0.01, service=carts["shop"])
        Service.objects.filter(pk=carts["shop-eu"].pk).update(team=builders.team("abroad"))
        builders.service("till")
        set_mark("error_rate", 0.01, service=builders.service("till"))
        for minute in range(1, 6):
            for place in SHOPS:
                builders.calls("web", "cart", failed=6, namespace=place, at=ago(minute / 60))
            builders.calls("web", "till", failed=6, at=ago(minute / 60))

        def alarms(query: str = "") -> list[str]:
            return [
                link
                for link in links_of(looked_at(f"/{query}"))
                if link.startswith("/services/") and "range" not in link
            ]

        assert {"/services/cart/?ns=shop", "/services/till/"} <= set(alarms())
        assert "/services/cart/?ns=shop-eu" not in alarms()
        assert "/services/cart/?ns=shop" not in alarms("?team=abroad")
        assert "errors" in looked_at("/services/till/").lower()

    def test_a_busier_namesake_that_it_calls_is_not_taken_for_it(self) -> None:
        for minute in range(1, 10):
            builders.calls("web", "cart", requests=60, at=ago(minute / 60))
            builders.calls("cart", "cart", requests=600, failed=300, to="shop-eu", at=ago(minute / 60))

        page = looked_at("/services/cart/?ns=shop&window=15m")

        assert "Error rate 0.0 %" in text_of(page)
        assert "Error rate 50 %" in text_of(looked_at("/services/cart/?ns=shop-eu&window=15m"))
        assert "/services/cart/?ns=shop-eu" in links_of(page.split('id="calls"')[1])

    def test_one_without_a_namespace_has_the_traffic_that_the_catalog_has_under_it_and_no_namesakes(self) -> None:
        builders.service("cart")
        set_mark("error_rate", 0.01)
        for minute in range(1, 10):
            builders.calls("web", "cart", namespace="market", at=ago(minute / 60))
            builders.calls("kiosk", "cart", requests=600, failed=300, namespace="shop", at=ago(minute / 60))

        page = text_of(looked_at("/services/cart/?window=15m"))
        rows = rows_of(looked_at("/services/"))
        of_map = text_of(looked_at("/topology/?service=%2Fcart&view=list"))
        edges = Client().get("/api/v1/topology/edges/?service=/cart", headers=builders.reading()).json()["results"]

        assert "Error rate 0.0 %" in page
        assert [row.split(" 100 ms")[0] for row in rows if "cart unowned" in row] == ["● on track cart unowned 0.0 %"]
        assert "web cart http" in of_map
        assert "kiosk" not in of_map
        assert [row["client"] for row in edges] == ["web"]

    def test_who_calls_a_namesake_is_not_reached_by_its_incident(self, carts: dict[str, Service]) -> None:
        for minute in range(1, 10):
            builders.calls("web", "cart", at=ago(minute / 60))
            builders.calls("kiosk", "cart", namespace="shop-eu", at=ago(minute / 60))
        broken = builders.incident(opened_at=ago(0))
        broken.services.set([carts["shop"]])

        page = looked_at(f"/incidents/{broken.pk}/")

        reached = page.split('id="blast"')[1].split("</section>")[0]
        assert "/services/web/?ns=shop" in links_of(reached)
        assert "kiosk" not in reached

    def test_a_deployment_of_a_namesake_is_not_behind_its_calls(self, carts: dict[str, Service]) -> None:
        for cart in carts.values():
            set_mark("error_rate", 0.01, service=cart)
        Service.objects.create(name="web", namespace="shop", team=builders.team("front"))
        front = builders.reading(builders.team("front"))
        for minute in range(10):
            for place in SHOPS:
                builders.calls("web", "cart", failed=0 if minute > 5 else 30, to=place, at=ago(minute / 60))
        nodes = Node.objects.filter(name="cart")

        def buttons(reader: dict[str, str] | None = None) -> set[str]:
            pages = [looked_at(f"/topology/?sel=n-{node.pk}&everywhere=1", reader) for node in nodes]
            return {link for page in pages for link in links_of(page)}

        builders.deployment(service=carts["shop-eu"], started_at=ago(8 / 60), finished_at=ago(7 / 60))
        alone = buttons()
        own = builders.deployment(service=carts["shop"], started_at=ago(8 / 60), finished_at=ago(7 / 60))
        compared = {
            place: "This deployment is compared" in looked_at(f"/topology/?sel=n-{node.pk}&everywhere=1&cmp={own.pk}")
            for node in nodes
            for place in (node.namespace,)
        }

        assert "/services/cart/?ns=shop" in alone
        assert f"/deployments/{own.pk}/" in buttons()
        assert f"/deployments/{own.pk}/" not in buttons(front)
        assert "/services/cart/?ns=shop" in buttons(front)
        assert compared == {"shop": True, "shop-eu": False}
