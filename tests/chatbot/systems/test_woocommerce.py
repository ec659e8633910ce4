"""WooCommerce, against a fake of its REST API."""

from collections.abc import Iterator
from datetime import date

import pytest

from chatbot.systems.ports import Orders, OrderState, Stock, SystemFailure
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes.server import Status
from tests.chatbot.systems.fakes.woocommerce import ID_OF_LETTERED, FakeWooCommerce


@pytest.fixture
def system() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as running:
        yield running


class TestWooOrders(contract.OrdersContract):
    tells_delivery = False

    @pytest.fixture
    def orders(self, system: FakeWooCommerce) -> Orders:
        return configured.woo_orders(system.url)

    def test_an_id_is_no_number_where_they_differ(self, orders: Orders) -> None:
        assert orders.find(str(ID_OF_LETTERED)) is None

    def test_an_order_is_of_the_day_of_the_site(self, orders: Orders) -> None:
        found = orders.find("10482")
        assert found is not None
        assert found.placed_on == date(2026, 5, 4)  # at half past eleven at night, there
        assert found.shipments[0].url.startswith("https://portal.postnord.com/")

    def test_knows_statuses_that_plugins_add(self, system: FakeWooCommerce) -> None:
        orders = configured.woo_orders(system.url, states={"wc-collected": "delivered"})
        order = {"id": 7, "number": "7", "date_created": "2026-05-04T10:00:00"}
        order |= {"status": "collected", "billing": {"email": contract.IDA}}
        system.fails_with(Status(200, [order]))
        found = orders.find("7")
        assert found is not None
        assert found.state == OrderState.DELIVERED

    @pytest.mark.parametrize("value", ["", {"a": 1}, [7], None])
    def test_another_use_of_the_tracking_meta_is_passed_over(
        self, orders: Orders, system: FakeWooCommerce, value: object
    ) -> None:
        meta = [{"id": 1, "key": "_wc_shipment_tracking_items", "value": value}]
        order = {"id": 7, "number": "7", "date_created": "2026-05-04T10:00:00"}
        order |= {"status": "completed", "billing": {"email": contract.IDA}, "meta_data": meta}
        system.fails_with(Status(200, [order]))
        found = orders.find("7")
        assert found is not None
        assert found.shipments == ()

    def test_a_wrong_address_of_the_site_is_not_taken_for_no_order(
        self, system: FakeWooCommerce
    ) -> None:
        with pytest.raises(SystemFailure) as failure:
            configured.woo_orders(f"{system.url}/blog").find("10482")
        assert (failure.value.kind, failure.value.retry) == ("refused", False)

    @pytest.mark.parametrize("typed", ["10482&status=any", "a b", "2026/7", "a+b"])
    def test_what_is_typed_is_one_value_of_the_query(
        self, orders: Orders, system: FakeWooCommerce, typed: str
    ) -> None:
        assert orders.find(typed) is None
        assert {seen.path for seen in system.seen} <= {"/wp-json/wc/v3/orders"}
        assert all(set(seen.query) <= {"per_page", "search", "include"} for seen in system.seen)


class TestWooStock(contract.StockContract):
    @pytest.fixture
    def stock(self, system: FakeWooCommerce) -> Stock:
        return configured.woo_stock(system.url)
