"""Shopify, against a fake of its GraphQL APIs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from chatbot.systems.ports import Accounts, Order, Orders, Returns, Stock, SystemFailure
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes.server import Status
from tests.chatbot.systems.fakes.shopify import FakeShopify, graphql_error, throttled


@pytest.fixture
def system() -> Iterator[FakeShopify]:
    with FakeShopify() as running:
        yield running
    assert running.misread == []


@pytest.fixture
def orders(system: FakeShopify) -> Orders:
    return configured.shopify_orders(system.url)


class TestShopifyOrders(contract.OrdersContract):
    def test_a_day_is_that_of_the_shop(self, orders: Orders, system: FakeShopify) -> None:
        found = orders.find("10482")
        assert found is not None
        assert found.shipments[0].url.startswith("https://portal.postnord.com/")
        assert (found.language, found.country) == ("da", "DK")


class TestShopifyStock(contract.StockContract):
    @pytest.fixture
    def stock(self, system: FakeShopify) -> Stock:
        return configured.shopify_stock(system.url)

    @pytest.mark.parametrize(
        "words", ['x" OR sku:"LAMP-1', "a OR b", "NOT lamp", "status:draft", "\\", '\\"', "-x"]
    )
    def test_what_is_typed_is_no_operator(
        self, stock: Stock, system: FakeShopify, words: str
    ) -> None:
        stock.search(words, "en")
        assert system.misread == []


class TestShopifyReturns(contract.ReturnsContract):
    @pytest.fixture
    def returns(self, system: FakeShopify) -> Returns:
        return configured.shopify_returns(system.url)

    @pytest.fixture
    def returnable(self, orders: Orders) -> Order:
        found = orders.find("10483")
        assert found is not None
        return found

    @pytest.fixture
    def announced(self, system: FakeShopify) -> Callable[[], list[tuple[str, dict[str, int]]]]:
        numbers = {"0": "BLANKET-MOSS", "1": "LAMP-1"}
        return lambda: [
            (
                each["order"].rpartition("/")[2],
                {
                    numbers[line["fulfillmentLineItemId"][-1]]: line["quantity"]
                    for line in each["lines"]
                },
            )
            for each in system.returns
        ]

    def test_tells_number_and_label(self, returns: Returns, returnable: Order) -> None:
        label = returns.create(returnable, returnable.lines, key="k1")
        assert (label.number, label.carrier, label.tracking) == ("10483-R1", "PostNord", "RT-1")
        assert label.url == "https://cdn.shopify.example/label.pdf"

    def test_a_return_without_a_label_goes_to_a_person(
        self, returns: Returns, returnable: Order, system: FakeShopify
    ) -> None:
        system.has_labels = False
        with pytest.raises(SystemFailure) as failure:
            returns.create(returnable, returnable.lines, key="k1")
        assert (failure.value.kind, failure.value.retry) == ("refused", False)

    def test_unless_the_shop_sends_labels_itself(
        self, returnable: Order, system: FakeShopify
    ) -> None:
        system.has_labels = False
        returns = configured.shopify_returns(system.url, shop_sends_label=True)
        assert returns.create(returnable, returnable.lines, key="k1").url == ""

    def test_lines_that_are_on_their_way_back_are_refused(
        self, returns: Returns, returnable: Order
    ) -> None:
        returns.create(returnable, returnable.lines, key="k1")
        with pytest.raises(SystemFailure, match="refused"):
            returns.create(returnable, returnable.lines, key="k2")

    def test_an_order_of_somebody_else_is_refused(
        self, returns: Returns, returnable: Order
    ) -> None:
        with pytest.raises(SystemFailure, match="refused"):
            returns.create(replace(returnable, email=contract.JONAS), returnable.lines, key="k1")


class TestShopifyAccounts(contract.AccountsContract):
    @pytest.fixture
    def accounts(self, system: FakeShopify) -> Accounts:
        return configured.shopify_accounts(system.url)

    @pytest.fixture
    def resets(self, system: FakeShopify) -> Callable[[], list[str]]:
        return lambda: system.resets

    def test_is_not_asked_twice(self, accounts: Accounts, system: FakeShopify) -> None:
        system.fails_with(Status(500))
        with pytest.raises(SystemFailure, match="unavailable"):
            accounts.send_reset(contract.IDA, "da")
        assert len(system.seen) == 1


class TestShopifysLimits:
    def test_waits_until_the_bucket_holds_enough(self, orders: Orders, system: FakeShopify) -> None:
        system.fails_with(throttled(available=70))  # 30 points are lacking, at 100 a second
        began = time.monotonic()
        assert orders.find("10482") is not None
        assert 0.25 < time.monotonic() - began < 1.5
        assert len(system.seen) == 2

    def test_gives_up_at_once_what_would_take_too_long(
        self, orders: Orders, system: FakeShopify
    ) -> None:
        system.fails_with(throttled(available=-900))
        began = time.monotonic()
        with pytest.raises(SystemFailure) as failure:
            orders.find("10482")
        assert (failure.value.kind, failure.value.retry) == ("rate_limited", True)
        assert time.monotonic() - began < 1

    @pytest.mark.parametrize(
        ("code", "kind", "retry"),
        [
            ("ACCESS_DENIED", "unauthorised", False),
            ("INTERNAL_SERVER_ERROR", "unavailable", True),
            ("MAX_COST_EXCEEDED", "refused", False),
            ("undefinedField", "refused", False),
        ],
    )
    def test_errors_come_with_status_200(
        self, orders: Orders, system: FakeShopify, code: str, kind: str, retry: bool
    ) -> None:
        system.fails_with(graphql_error(code))
        with pytest.raises(SystemFailure) as failure:
            orders.find("10482")
        assert (failure.value.kind, failure.value.retry) == (kind, retry)

    @pytest.mark.parametrize("errors", ["Not Found", ["x"], {"a": 1}, [{"extensions": None}]])
    def test_errors_of_other_shapes_are_errors_too(
        self, orders: Orders, system: FakeShopify, errors: object
    ) -> None:
        system.fails_with(Status(200, {"errors": errors}))
        with pytest.raises(SystemFailure, match="refused"):
            orders.find("10482")
