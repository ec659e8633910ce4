"""Svar's own tables keep to the contracts of the ports, and a little more."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from chatbot.demo import systems
from chatbot.systems import embedded, services
from chatbot.systems.models import Account, Case, Return, ShopOrder, ShopProduct
from chatbot.systems.ports import Order, OrderState, SystemFailure, Ticket
from tests.chatbot.systems.contract import (
    DELIVERED,
    IDA,
    NOBODY,
    ORDERS,
    PRODUCTS,
    TICKET,
    AccountsContract,
    OrdersContract,
    ReturnsContract,
    StockContract,
    TicketsContract,
)
from tests.chatbot.systems.database import database_in, empty_tables


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database_in(tmp_path_factory.mktemp("systems")):
        yield


@pytest.fixture
def tables(database: None) -> Iterator[None]:
    yield
    empty_tables()


KEPT = ("email", "name", "language", "country", "placed_on", "state", "expected_on")


def keep(order: Order) -> None:
    """Keep `order` in our tables."""
    services.save_order(
        number=order.number,
        values={name: getattr(order, name) for name in (*KEPT, "delivered_on")},
        lines=order.lines,
        shipments=order.shipments,
    )


@pytest.fixture
def orders(tables: None) -> embedded.EmbeddedOrders:
    for order in ORDERS:
        keep(order)
    return embedded.EmbeddedOrders()


@pytest.fixture
def stock(tables: None) -> embedded.EmbeddedStock:
    for product in PRODUCTS:
        services.save_product(
            number=product.number,
            names={"en": product.name},
            variants=[
                (variant, {"en": variant.name} if variant.name else {})
                for variant in product.variants
            ],
        )
    return embedded.EmbeddedStock()


class TestOrders(OrdersContract):
    @pytest.mark.parametrize(
        "typed",
        [
            *("no. 10482", "No 10482.", "order 10482", "Order #10482", "order number: 10482"),
            *("ordre 10482", "Ordre nr. 10482", "ordrenummer 10482"),
            *("beställning 10482", "Beställningsnummer: 10482", "ordernr 10482"),
            *("Bestellung 10482", "Bestellnummer 10482", "Bestellnr.: 10482", "Auftrag 10482"),
        ],
    )
    def test_finds_a_number_among_the_words_before_it(
        self, orders: embedded.EmbeddedOrders, typed: str
    ) -> None:
        found = orders.find(typed)
        assert found is not None
        assert found.number == "10482"

    @pytest.mark.parametrize("typed", ["SV10486", "sv 10486", "SV/10486", "order sv-10486"])
    def test_does_not_mind_how_a_number_is_divided(
        self, orders: embedded.EmbeddedOrders, typed: str
    ) -> None:
        found = orders.find(typed)
        assert found is not None
        assert found.number == "SV-10486"

    def test_has_a_state_for_each_of_the_port(self) -> None:
        assert set(ShopOrder.State.values) == {state.value for state in OrderState}


class TestStock(StockContract):
    @pytest.mark.parametrize(
        ("words", "number"),
        [
            ("hvornår får I hede tæppet i mos igen", "HEDE"),
            ("hdee", "HEDE"),
            ("Wolldecken", "HEDE"),
            ("uldplaids", "HEDE"),
            ("fyrs fod", "FYR"),
            ("moon lamps", "MAANE"),
            ("Mane taklampa", "MAANE"),
            ("sengetøj 140x200", "DIS"),
            ("dis 220 x 220", "DIS"),
            ("baenk", "BAENK"),
            ("bank aus eiche", "BAENK"),
            ("stearinljus", "SKAER"),
            ("SKAER-AMBER", "SKAER"),
            ("skaeramber", "SKAER"),
        ],
    )
    def test_finds_what_customers_mean(self, tables: None, words: str, number: str) -> None:
        systems.load()
        found = embedded.EmbeddedStock().search(words, "en")
        assert found[0].number == number

    def test_names_things_in_the_language_asked_for(self, tables: None) -> None:
        systems.load()
        (hede,) = (p for p in embedded.EmbeddedStock().search("hede", "da") if p.number == "HEDE")
        assert hede.name == "Hede uldplaid"
        variants = {each.number: each for each in hede.variants}
        assert variants["HEDE-MOSS"].name == "Mos"
        assert not variants["HEDE-HEATHER"].in_stock
        assert variants["HEDE-HEATHER"].back_on is not None
        assert embedded.EmbeddedStock().search("hede", "nb")[0].name == "Hede wool blanket"

    def test_finds_at_most_twenty_among_many(self, tables: None) -> None:
        for number in range(60):
            services.save_product(number=f"CUP-{number}", names={"en": f"Cup {number}"})
        assert len(embedded.EmbeddedStock().search("cup", "en")) == 20
        assert embedded.EmbeddedStock().search("cup 41", "en")[0].number == "CUP-41"
        assert ShopProduct.objects.count() == 60


class TestAccounts(AccountsContract):
    @pytest.fixture
    def accounts(self, tables: None, settings: Any) -> embedded.EmbeddedAccounts:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        services.save_account(email="Ida@Example.com", name="Ida Holm")
        return embedded.EmbeddedAccounts()

    @pytest.fixture
    def resets(self) -> Callable[[], list[str]]:
        mail.outbox = []
        return lambda: [address for message in mail.outbox for address in message.to]

    @pytest.mark.parametrize(
        ("language", "told"),
        [("en", "works once"), ("xx", "works once")],
    )
    def test_says_what_happened_in_text_and_html(
        self, accounts: embedded.EmbeddedAccounts, resets: Any, language: str, told: str
    ) -> None:
        accounts.send_reset(" IDA@example.com ", language)
        (message,) = mail.outbox
        (html, kind), *_ = message.alternatives  # type: ignore[attr-defined]
        assert kind == "text/html"
        for text in (message.body, html):
            assert told in text
            assert "60" in text
            assert "/account/password/" in text

    def test_the_link_names_its_language(
        self, accounts: embedded.EmbeddedAccounts, resets: Any
    ) -> None:
        accounts.send_reset(IDA, "sv")
        link = re.search(r"http://\S+", mail.outbox[0].body)
        assert link is not None
        assert link[0].endswith("/?language=sv")

    def test_an_account_that_is_switched_off_gets_nothing(
        self, accounts: embedded.EmbeddedAccounts, resets: Callable[[], list[str]]
    ) -> None:
        services.save_account(email=IDA, is_active=False)
        accounts.send_reset(IDA, "da")
        assert resets() == []

    @pytest.mark.parametrize("email", [IDA, NOBODY, "", "a@b\x00c"])
    def test_a_mail_server_that_is_away_fails_for_everybody(
        self, accounts: embedded.EmbeddedAccounts, settings: Any, email: str
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        with pytest.raises(SystemFailure) as raised:
            accounts.send_reset(email, "da")
        assert (raised.value.system, raised.value.kind) == ("mail", "unavailable")
        assert raised.value.retry
        assert "ida" not in str(raised.value)

    def test_asks_the_mail_server_in_both_cases(
        self, accounts: embedded.EmbeddedAccounts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []
        monkeypatch.setattr(EmailBackend, "open", lambda self: opened.append("open"))
        for email in (IDA, NOBODY):
            accounts.send_reset(email, "da")
        assert opened == ["open", "open"]

    def test_a_new_account_has_no_password(self, accounts: embedded.EmbeddedAccounts) -> None:
        account = Account.objects.get(email=IDA)
        assert not account.has_usable_password()
        assert not account.check_password("")


class TestReturns(ReturnsContract):
    @pytest.fixture
    def returns(self, orders: embedded.EmbeddedOrders) -> embedded.EmbeddedReturns:
        return embedded.EmbeddedReturns()

    @pytest.fixture
    def returnable(self, orders: embedded.EmbeddedOrders) -> Order:
        found = orders.find(DELIVERED.number)
        assert found is not None
        return found

    @pytest.fixture
    def announced(self) -> Callable[[], list[tuple[str, dict[str, int]]]]:
        return lambda: [
            (each.order_number, {line["number"]: line["quantity"] for line in each.lines})
            for each in Return.objects.order_by("pk")
        ]

    def test_gives_a_number_a_parcel_and_a_label(
        self, returns: embedded.EmbeddedReturns, returnable: Order
    ) -> None:
        label = returns.create(returnable, returnable.lines, key="k1")
        assert re.fullmatch(r"R-1\d{4}", label.number)
        assert re.fullmatch(r"\d{11}", label.tracking)
        assert label.carrier == "GLS"
        assert label.pdf.startswith(b"%PDF-")
        assert returns.create(returnable, returnable.lines, key="k1").pdf == label.pdf
        assert Return.objects.get().order == ShopOrder.objects.get(number="10483")

    def test_takes_back_orders_of_another_system(
        self, returns: embedded.EmbeddedReturns, returnable: Order
    ) -> None:
        elsewhere = replace(returnable, number="X-1", shipments=())
        label = returns.create(elsewhere, elsewhere.lines, key="k2")
        assert label.carrier == ""
        assert Return.objects.get().order is None

    def test_one_carrier_can_bring_all_returns(self, orders: Any, returnable: Order) -> None:
        returns = embedded.EmbeddedReturns(carrier="PostNord")
        assert returns.create(returnable, returnable.lines, key="k").carrier == "PostNord"

    def test_numbers_differ(self, returns: embedded.EmbeddedReturns, returnable: Order) -> None:
        made = [returns.create(returnable, (), key=str(each)) for each in range(5)]
        assert len({each.number for each in made}) == len({each.tracking for each in made}) == 5


class TestTickets(TicketsContract):
    @pytest.fixture
    def tickets(self, tables: None) -> embedded.EmbeddedTickets:
        return embedded.EmbeddedTickets()

    @pytest.fixture
    def opened(self) -> Callable[[], list[str]]:
        return lambda: list(Case.objects.order_by("pk").values_list("subject", flat=True))

    def test_keeps_what_was_collected_in_its_order(self, tickets: embedded.EmbeddedTickets) -> None:
        number = tickets.open(TICKET, key="k1")
        case = Case.objects.get(number=number)
        assert re.fullmatch(r"K-1\d{4}", number)
        assert case.facts == [["Order", "10483"], ["Article", "Lykta lamp"]]
        assert (case.email, case.conversation, case.state) == (IDA, 7, "open")

    def test_a_long_subject_is_cut(self, tickets: embedded.EmbeddedTickets) -> None:
        long: Ticket = replace(TICKET, subject="é" * 500)
        assert tickets.open(long, key="long")
        assert len(Case.objects.get().subject) == 200


@pytest.fixture
def together(tables: None) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        yield pool


def test_two_who_ask_at_once_get_one_return(together: ThreadPoolExecutor) -> None:
    def create(number: int) -> str:
        try:
            key = "same" if number % 2 else f"own-{number}"
            return embedded.EmbeddedReturns().create(DELIVERED, (), key=key).number
        finally:
            connection.close()

    numbers = list(together.map(create, range(16)))
    assert len(set(numbers)) == 9
    assert Return.objects.count() == 9
