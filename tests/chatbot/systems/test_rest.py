"""The generic implementations, against a shop's own JSON API."""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatbot.systems.ports import (
    Accounts,
    Order,
    Orders,
    OrderState,
    Returns,
    Stock,
    SystemFailure,
    Texts,
    Tickets,
    TrackedState,
    Tracking,
)
from chatbot.systems.rest import RestOrders
from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes import shop
from tests.chatbot.systems.fakes.server import Status
from tests.chatbot.systems.fakes.shop import FakeShop


@pytest.fixture
def system() -> Iterator[FakeShop]:
    with FakeShop() as running:
        yield running


class TestRestOrders(contract.OrdersContract):
    @pytest.fixture
    def orders(self, system: FakeShop) -> Orders:
        return configured.rest_orders(system.url)

    @pytest.mark.parametrize("typed", ["2026/10482", "a b", "10482?x=1", "a:b+c"])
    def test_what_is_typed_is_one_step_of_the_path(
        self, orders: Orders, system: FakeShop, typed: str
    ) -> None:
        assert orders.find(typed) is None
        assert all(seen.target.startswith("/api/orders/") for seen in system.seen)
        assert all(seen.target.count("/") == 3 and "?" not in seen.target for seen in system.seen)

    @pytest.mark.parametrize("state", ["SENT ", "sent"])
    def test_states_are_read_in_any_case(
        self, orders: Orders, system: FakeShop, state: str
    ) -> None:
        order = {"orderNumber": 7, "customer": {"mail": contract.IDA}, "status": state}
        system.fails_with(Status(200, {"results": {**order, "created": "2026-05-04"}}))
        found = orders.find("7")
        assert found is not None
        assert found.state == OrderState.SENT

    def test_a_state_that_is_not_mapped_is_a_failure(
        self, orders: Orders, system: FakeShop
    ) -> None:
        order = {"orderNumber": "7", "status": "LOST", "created": "2026-05-04"}
        system.fails_with(Status(200, {"results": [order]}))
        with pytest.raises(SystemFailure) as failure:
            orders.find("7")
        assert (failure.value.kind, failure.value.retry) == ("malformed", False)

    @pytest.mark.parametrize(
        ("written", "dates"),
        [
            ("2026-05-03T22:30:00Z", "iso"),  # already the 4th in Copenhagen
            ("2026-05-04", "iso"),
            ("2026-05-04 00:10:00", "iso"),
            (1777847400, "epoch"),
            ("1777847400000", "epoch_ms"),
            ("04/05-2026", "%d/%m-%Y"),
        ],
    )
    def test_reads_dates_as_they_are_written(
        self, system: FakeShop, written: object, dates: str
    ) -> None:
        order = {"orderNumber": "7", "customer": {"mail": contract.IDA}, "status": "sent"}
        system.fails_with(Status(200, {"results": [{**order, "created": written}]}))
        found = configured.rest_orders(system.url, dates=dates).find("7")
        assert found is not None
        assert found.placed_on.isoformat() == "2026-05-04"

    def test_an_answer_of_another_kind_is_not_taken_for_no_order(
        self, orders: Orders, system: FakeShop
    ) -> None:
        system.fails_with(Status(200, {"message": "maintenance"}))
        with pytest.raises(SystemFailure, match="malformed"):
            orders.find("10482")


class TestRestStock(contract.StockContract):
    @pytest.fixture
    def stock(self, system: FakeShop) -> Stock:
        return configured.rest_stock(system.url)


class TestRestTracking(contract.TrackingContract):
    @pytest.fixture
    def tracking(self, system: FakeShop) -> Tracking:
        return configured.rest_tracking(system.url)

    @pytest.fixture
    def parcels(self) -> Mapping[TrackedState, str]:
        return shop.PARCELS


class TestRestAccounts(contract.AccountsContract):
    @pytest.fixture
    def accounts(self, system: FakeShop) -> Accounts:
        return configured.rest_accounts(system.url)

    @pytest.fixture
    def resets(self, system: FakeShop) -> Callable[[], list[str]]:
        return lambda: system.resets

    @pytest.mark.parametrize("status", [404, 410, 422])
    def test_no_account_is_no_failure(
        self, accounts: Accounts, system: FakeShop, status: int
    ) -> None:
        system.fails_with(Status(status))
        accounts.send_reset(contract.IDA, "da")
        assert len(system.seen) == 1

    def test_a_repeated_request_keeps_its_key_and_signature(
        self, accounts: Accounts, system: FakeShop
    ) -> None:
        system.fails_with(Status(500))
        accounts.send_reset(contract.IDA, "da")
        first, again = system.seen
        assert first.headers["webhook-id"] == first.headers["idempotency-key"]
        for name in ("webhook-id", "webhook-signature", "idempotency-key"):
            assert first.headers[name] == again.headers[name]


class TestRestReturns(contract.ReturnsContract):
    @pytest.fixture
    def returns(self, system: FakeShop) -> Returns:
        return configured.rest_returns(system.url)

    @pytest.fixture
    def returnable(self) -> Order:
        return contract.DELIVERED

    @pytest.fixture
    def announced(self, system: FakeShop) -> Callable[[], list[tuple[str, dict[str, int]]]]:
        return lambda: [
            (
                each["asked"]["order"],
                {line["sku"]: line["quantity"] for line in each["asked"]["lines"]},
            )
            for each in system.returns.values()
        ]

    def test_fetches_the_label(self, returns: Returns) -> None:
        label = returns.create(contract.DELIVERED, contract.DELIVERED.lines, key="k1")
        assert (label.number, label.carrier, label.tracking) == ("R1", "GLS", "T-1")
        assert label.pdf == shop.PDF

    def test_reads_a_label_from_within_the_answer(self, system: FakeShop) -> None:
        pdf = b"%PDF-1.7 " + b"x" * (3 * 1024 * 1024)
        made = {"id": "R9", "pdf": base64.b64encode(pdf).decode()}
        system.fails_with(Status(201, {"return": made}))
        announced = {"number": "return.id", "pdf": "return.pdf"}
        returns = configured.rest_returns(system.url, announced=announced, label=None)
        label = returns.create(contract.DELIVERED, contract.DELIVERED.lines, key="k1")
        assert (label.number, label.pdf == pdf) == ("R9", True)

    @pytest.mark.parametrize("body", [b"<html>", b"%PDF-" + b"x" * (5 * 1024 * 1024)])
    def test_a_label_must_be_a_pdf_of_some_size(
        self, returns: Returns, system: FakeShop, body: bytes
    ) -> None:
        created = Status(201, {"return": {"id": "R9", "tracking": "T"}})
        system.fails_with(created, Status(200, body))
        with pytest.raises(SystemFailure, match="malformed"):
            returns.create(contract.DELIVERED, contract.DELIVERED.lines, key="k1")


class TestRestTickets(contract.TicketsContract):
    @pytest.fixture
    def tickets(self, system: FakeShop) -> Tickets:
        return configured.rest_tickets(system.url)

    @pytest.fixture
    def opened(self, system: FakeShop) -> Callable[[], list[str]]:
        return lambda: [
            each["asked"]["subject"].removeprefix("[complaint] ") for each in system.cases.values()
        ]

    def test_fills_in_its_body(self, tickets: Tickets, system: FakeShop) -> None:
        tickets.open(contract.TICKET, key="k1")
        assert system.seen[0].json == {
            "subject": "[complaint] Scratched lamp",
            "comment": f"{contract.TICKET.text}\n\nOrder: 10483\nArticle: Lykta lamp",
            "fields": [
                {"name": "Order", "value": "10483"},
                {"name": "Article", "value": "Lykta lamp"},
            ],
            "requester": {"email": contract.IDA},
            "chat": 7,
        }

    def test_a_place_in_what_was_typed_stays_as_it_is(
        self, tickets: Tickets, system: FakeShop
    ) -> None:
        tickets.open(replace(contract.TICKET, text="{key} {email} {0.__class__}"), key="k1")
        assert system.seen[0].json["comment"].startswith("{key} {email} {0.__class__}\n")


class TestRestTexts(contract.TextsContract):
    @pytest.fixture
    def texts(self, system: FakeShop) -> Texts:
        return configured.rest_texts(system.url)

    @pytest.fixture
    def texted(self, system: FakeShop) -> Callable[[], list[tuple[str, str]]]:
        def sent() -> list[tuple[str, str]]:
            forms = [parse_qs(body.decode()) for body in system.texts.values()]
            return [(form["To"][0], form["Body"][0]) for form in forms]

        return sent


class TestRestOptions:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"finds": {}}, "finds: Extra inputs are not permitted"),
            ({"find": {"path": "/orders/{id}"}}, "find: Value error, unknown id; known: number"),
            ({"find": {"path": "orders"}}, "find.path: Value error, must begin with /"),
            ({"base_url": "http://shop.example.com"}, "base_url must be https://"),
            ({"base_url": "ftp://shop.example.com"}, "base_url: Value error, must begin with"),
            ({"base_url": "https://user:secret@shop.example.com"}, "must have no user"),
            ({"headers": {"X": "secret\r\nEvil: 1"}}, "headers: Value error"),
            ({"states": {"x": "secret"}}, "states.x: Input should be"),
            ({"time_zone": "Mars/Base"}, "time_zone: Value error, is no time zone"),
            ({"seconds": 0}, "seconds: Input should be greater than 0"),
        ],
    )
    def test_says_what_is_wrong_and_shows_no_value(
        self, change: dict[str, object], told: str
    ) -> None:
        with pytest.raises(ImproperlyConfigured) as error:
            configured.rest_orders("https://shop.example.com", **change)
        assert str(error.value).startswith("SVAR_SYSTEMS, RestOrders: ")
        assert told in str(error.value)
        assert "secret" not in str(error.value)

    def test_a_private_host_is_as_good_as_a_public_one(self) -> None:
        assert configured.rest_orders("https://10.0.0.7:8443")
        assert configured.rest_orders("http://10.0.0.7", plain_http=True)

    def test_all_that_must_be_said_is_asked_for(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="find: Field required; of: Field required"):
            RestOrders(base_url="https://shop.example.com")
