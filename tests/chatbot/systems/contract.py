"""What every implementation of a port keeps to, whatever stands behind it.

An implementation's test class inherits a contract and provides the fixtures that its docstring
names, each loaded with the plain data of this module. A contract says only what all can keep;
what a system cannot tell, its class says by an attribute (`tells_delivery = False`).
"""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from chatbot.systems.ports import (
    Accounts,
    Line,
    Order,
    Orders,
    OrderState,
    Product,
    Returns,
    Shipment,
    Stock,
    Texts,
    Ticket,
    Tickets,
    TrackedState,
    Tracking,
    Variant,
)

IDA, JONAS, MANY, NOBODY = (
    "ida@example.com",
    "jonas.berg@example.com",
    "many@example.com",
    "nobody@example.com",
)
BLANKET = Line(id="1", number="BLANKET-MOSS", name="Nordlys blanket", quantity=2)
LAMP = Line(id="2", number="LAMP-1", name="Lykta lamp", quantity=1)

SENT = Order(
    number="10482",
    email=IDA,
    placed_on=date(2026, 5, 4),
    state=OrderState.SENT,
    lines=(BLANKET, LAMP),
    shipments=(Shipment(carrier="PostNord", number="00370730251234567890"),),
    name="Ida Holm",
    country="DK",
)
DELIVERED = Order(
    number="10483",
    email=IDA,
    placed_on=date(2026, 5, 11),
    state=OrderState.DELIVERED,
    lines=(BLANKET, LAMP),
    shipments=(Shipment(carrier="GLS", number="50412345678", delivered_on=date(2026, 5, 14)),),
    delivered_on=date(2026, 5, 14),
    name="Ida Holm",
    country="DK",
)
RECEIVED = Order(
    number="10484",
    email=JONAS,
    placed_on=date(2026, 5, 12),
    state=OrderState.RECEIVED,
    lines=(LAMP,),
    name="Jonas Berg",
    country="SE",
)
CANCELLED = Order(
    number="10485",
    email=JONAS,
    placed_on=date(2026, 5, 13),
    state=OrderState.CANCELLED,
    lines=(LAMP,),
    name="Jonas Berg",
    country="SE",
)
LETTERED = Order(  # shops may give their numbers letters
    number="SV-10486",
    email=JONAS,
    placed_on=date(2026, 5, 14),
    state=OrderState.RECEIVED,
    lines=(LAMP,),
    name="Jonas Berg",
    country="SE",
)
ORDERS: tuple[Order, ...] = (
    SENT,
    DELIVERED,
    RECEIVED,
    CANCELLED,
    LETTERED,
    *(
        Order(
            number=str(20000 + day),
            email=MANY,
            placed_on=date(2026, 4, day),
            state=OrderState.RECEIVED,
            lines=(LAMP,),
        )
        for day in range(1, 26)
    ),
)
PRODUCTS: tuple[Product, ...] = (
    Product(
        number="BLANKET",
        name="Nordlys blanket",
        variants=(
            Variant("BLANKET-MOSS", "Moss", in_stock=True, available=12),
            Variant("BLANKET-SAND", "Sand", in_stock=False, available=0),
        ),
    ),
    Product(
        number="LAMP-1",
        name="Lykta lamp",
        variants=(Variant("LAMP-1", "", in_stock=True, available=3),),
    ),
)
TICKET = Ticket(
    kind="complaint",
    subject="Scratched lamp",
    text='The lamp came with a scratch — "deep" – on its foot.\nWhat now?',
    facts=(("Order", "10483"), ("Article", "Lykta lamp")),
    email=IDA,
    language="da",
    conversation=7,
)
# What a customer may type where a number is asked for. None of these is an order's number.
STRANGE_NUMBERS = (
    "",
    " ",
    "#",
    "*",
    "1048",
    "1048*",
    "104822",
    "10482 OR 10483",
    "10482' OR '1'='1",
    '10482" OR name:"10483',
    "1 OR email:*",
    "1/../../admin",
    "../orders/10482",
    "%2e%2e",
    "10482?status=any",
    "10482#fragment",
    "10482\r\nX-Evil: 1",
    "10482\x00",
    "\ud83d",  # half of a surrogate pair
    "9" * 5_000,
)
STRANGE_EMAILS = (
    "",
    "*",
    "*@example.com",
    "example.com",
    "ida@example",
    "ida@example.com OR email:jonas.berg@example.com",
    'ida@example.com" OR email:"jonas.berg@example.com',
    "ida@example.com&email=jonas.berg@example.com",
    "ida@example.com\njonas.berg@example.com",
)


class OrdersContract:
    """Fixture `orders`: an `Orders` that holds ORDERS and no others.

    `tells_delivery`: whether the system knows when a parcel was delivered.
    """

    tells_delivery = True

    @pytest.mark.parametrize(
        "known", [SENT, RECEIVED, CANCELLED, LETTERED], ids=lambda order: order.number
    )
    def test_finds_an_order_by_its_number(self, orders: Orders, known: Order) -> None:
        found = orders.find(known.number)
        assert found is not None
        assert (found.number, found.email.casefold()) == (known.number, known.email)
        assert (found.placed_on, found.state) == (known.placed_on, known.state)
        assert [(line.number, line.name, line.quantity) for line in found.lines] == [
            (line.number, line.name, line.quantity) for line in known.lines
        ]
        assert len({line.id for line in found.lines} - {""}) == len(found.lines)
        assert [parcel.number for parcel in found.shipments] == [
            parcel.number for parcel in known.shipments
        ]
        assert found.name in ("", known.name)
        assert found.country in ("", known.country)

    def test_names_the_carrier_of_a_parcel(self, orders: Orders) -> None:
        found = orders.find(SENT.number)
        assert found is not None
        assert found.shipments[0].carrier.casefold() == "postnord"

    def test_tells_what_was_delivered_and_when(self, orders: Orders) -> None:
        found = orders.find(DELIVERED.number)
        assert found is not None
        if self.tells_delivery:
            assert (found.state, found.delivered_on) == (OrderState.DELIVERED, date(2026, 5, 14))
        else:
            assert (found.state, found.delivered_on) == (OrderState.SENT, None)

    @pytest.mark.parametrize("typed", ["10482", " 10482 ", "#10482", "# 10482"])
    def test_finds_a_number_as_customers_write_it(self, orders: Orders, typed: str) -> None:
        found = orders.find(typed)
        assert found is not None
        assert found.number == "10482"

    def test_finds_a_number_in_any_case(self, orders: Orders) -> None:
        found = orders.find("sv-10486")
        assert found is not None
        assert found.number == "SV-10486"

    @pytest.mark.parametrize("typed", STRANGE_NUMBERS, ids=ascii)
    def test_finds_nothing_by_anything_but_a_number(self, orders: Orders, typed: str) -> None:
        assert orders.find(typed) is None

    def test_lists_the_orders_of_an_address_newest_first(self, orders: Orders) -> None:
        assert [order.number for order in orders.of(IDA)] == ["10483", "10482"]

    def test_takes_an_address_in_any_case(self, orders: Orders) -> None:
        assert [order.number for order in orders.of(" Ida@EXAMPLE.com")] == ["10483", "10482"]

    def test_lists_no_more_than_twenty(self, orders: Orders) -> None:
        assert [order.number for order in orders.of(MANY)] == [
            str(20000 + day) for day in range(25, 5, -1)
        ]

    def test_knows_nothing_of_an_unknown_address(self, orders: Orders) -> None:
        assert orders.of(NOBODY) == []

    @pytest.mark.parametrize("typed", STRANGE_EMAILS, ids=ascii)
    def test_lists_nothing_for_anything_but_an_address(self, orders: Orders, typed: str) -> None:
        assert orders.of(typed) == []


class StockContract:
    """Fixture `stock`: a `Stock` that holds PRODUCTS. `counts`: whether it knows how many."""

    counts = True

    @pytest.mark.parametrize(
        "words", ["Nordlys", "nordlys blanket", "BLANKET-SAND", "nordlis blanket"]
    )
    def test_finds_a_product_with_its_variants(self, stock: Stock, words: str) -> None:
        found = next(each for each in stock.search(words, "en") if each.name == "Nordlys blanket")
        variants = {each.number: each for each in found.variants}
        assert set(variants) == {"BLANKET-MOSS", "BLANKET-SAND"}
        assert "Moss" in variants["BLANKET-MOSS"].name
        assert variants["BLANKET-MOSS"].in_stock
        assert not variants["BLANKET-SAND"].in_stock
        if self.counts:
            assert [variants[number].available for number in sorted(variants)] == [12, 0]

    @pytest.mark.parametrize("words", ["lykta", "LAMP-1", "lamp"])
    def test_a_product_without_variants_has_one_without_a_name(
        self, stock: Stock, words: str
    ) -> None:
        found = next(each for each in stock.search(words, "da") if each.name == "Lykta lamp")
        (only,) = found.variants
        assert (only.number, only.name, only.in_stock) == ("LAMP-1", "", True)

    @pytest.mark.parametrize(
        "words",
        [
            "",
            "*",
            "zzqx",
            'x" OR title:*',
            "a:b:c",
            "(((",
            "%_",
            "1/../../admin",
            "\n",
            "é" * 3_000,
        ],
        ids=ascii,
    )
    def test_answers_whatever_is_typed(self, stock: Stock, words: str) -> None:
        assert len(stock.search(words, "en")) <= 20


class AccountsContract:
    """Fixtures `accounts`: an `Accounts` where IDA has an account and NOBODY has none;
    `resets()`: the addresses that a reset went to, in order.
    """

    def test_sends_a_reset_to_who_has_an_account(
        self, accounts: Accounts, resets: Callable[[], list[str]]
    ) -> None:
        accounts.send_reset(IDA, "da")
        assert [address.casefold() for address in resets()] == [IDA]

    def test_says_nothing_of_who_has_none(
        self, accounts: Accounts, resets: Callable[[], list[str]]
    ) -> None:
        accounts.send_reset(NOBODY, "da")  # and raises nothing
        assert resets() == []


class ReturnsContract:
    """Fixtures `returns`: a `Returns`; `returnable`: DELIVERED as the system itself tells it, with
    its own ids of lines; `announced()`: the returns that it holds, in order, as
    `(order number, {article number: quantity})`.
    """

    def test_announces_a_return(
        self,
        returns: Returns,
        returnable: Order,
        announced: Callable[[], list[tuple[str, dict[str, int]]]],
    ) -> None:
        label = returns.create(returnable, returnable.lines, key="k1")
        assert label.number
        assert label.pdf == b"" or label.pdf.startswith(b"%PDF-")
        assert announced() == [("10483", {"BLANKET-MOSS": 2, "LAMP-1": 1})]

    def test_announces_some_of_the_lines(
        self,
        returns: Returns,
        returnable: Order,
        announced: Callable[[], list[tuple[str, dict[str, int]]]],
    ) -> None:
        (lamp,) = (line for line in returnable.lines if line.number == "LAMP-1")
        returns.create(returnable, (lamp,), key="k1")
        assert announced() == [("10483", {"LAMP-1": 1})]

    def test_the_same_key_gives_the_same_return_again(
        self,
        returns: Returns,
        returnable: Order,
        announced: Callable[[], list[tuple[str, dict[str, int]]]],
    ) -> None:
        first = returns.create(returnable, returnable.lines, key="k1")
        again = returns.create(returnable, returnable.lines, key="k1")
        assert (again.number, again.tracking) == (first.number, first.tracking)
        assert len(announced()) == 1


class TicketsContract:
    """Fixtures `tickets`: a `Tickets`; `opened()`: the subjects of its cases, in order."""

    def test_opens_a_case_and_tells_its_number(
        self, tickets: Tickets, opened: Callable[[], list[str]]
    ) -> None:
        assert tickets.open(TICKET, key="k1")
        assert opened() == ["Scratched lamp"]

    def test_the_same_key_gives_the_same_case_again(
        self, tickets: Tickets, opened: Callable[[], list[str]]
    ) -> None:
        assert tickets.open(TICKET, key="k1") == tickets.open(TICKET, key="k1")
        assert len(opened()) == 1

    def test_another_key_is_another_case(
        self, tickets: Tickets, opened: Callable[[], list[str]]
    ) -> None:
        assert tickets.open(TICKET, key="k1") != tickets.open(TICKET, key="k2")
        assert len(opened()) == 2


class TextsContract:
    """Fixtures `texts`: a `Texts`; `texted()`: what was sent, in order, as (number, text)."""

    def test_sends_a_text(self, texts: Texts, texted: Callable[[], list[tuple[str, str]]]) -> None:
        texts.send("+4520123456", "Din kode er 4711 – tak", key="k1")
        assert texted() == [("+4520123456", "Din kode er 4711 – tak")]

    def test_sends_once_for_one_key(
        self, texts: Texts, texted: Callable[[], list[tuple[str, str]]]
    ) -> None:
        for _time in range(2):
            texts.send("+4520123456", "Din kode er 4711", key="k1")
        assert len(texted()) == 1


class TrackingContract:
    """Fixtures `tracking`: a `Tracking`; `parcels`: the number of a parcel in each state that the
    carrier tells of, DELIVERED (on 14 May 2026) and UNDER_WAY among them.
    """

    def test_tells_the_state_of_a_parcel(
        self, tracking: Tracking, parcels: Mapping[TrackedState, str]
    ) -> None:
        for state, number in parcels.items():
            found = tracking.follow(number, "da")
            assert found is not None, state
            assert found.state == state

    def test_tells_when_a_parcel_was_delivered(
        self, tracking: Tracking, parcels: Mapping[TrackedState, str]
    ) -> None:
        found = tracking.follow(parcels[TrackedState.DELIVERED], "da")
        assert found is not None
        assert found.delivered_on == date(2026, 5, 14)
        assert found.at is not None
        assert found.at.tzinfo is not None

    def test_does_not_know_every_number(self, tracking: Tracking) -> None:
        assert tracking.follow("000000000000", "da") is None

    @pytest.mark.parametrize("typed", STRANGE_NUMBERS, ids=ascii)
    def test_knows_nothing_by_a_strange_number(self, tracking: Tracking, typed: str) -> None:
        assert tracking.follow(typed, "da") is None
