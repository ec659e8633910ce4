"""WooCommerce, by its REST API, version 3.

https://woocommerce.github.io/woocommerce-rest-api-docs/. Lists are asked even for one order: they
answer 200 with nothing in it, so that 404 always means that the API is not where we look for it.
"""

import base64
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from chatbot.systems.asked import (
    address_asked,
    is_same_address,
    is_same_number,
    number_asked,
    words_to_try,
)
from chatbot.systems.http import Client, Exchange
from chatbot.systems.options import Connection, read_options
from chatbot.systems.ports import Line, Order, OrderState, Product, Shipment, Variant
from chatbot.systems.tracking_pages import tracking_url

_API = "/wp-json/wc/v3"
_SHIPMENTS = "_wc_shipment_tracking_items"  # of the extension Shipment Tracking
_STATES = {
    "pending": OrderState.RECEIVED,
    "on-hold": OrderState.RECEIVED,
    "processing": OrderState.PACKING,
    "completed": OrderState.SENT,
    "cancelled": OrderState.CANCELLED,
    "failed": OrderState.CANCELLED,
    "refunded": OrderState.RETURNED,
}
_NO_ORDERS = frozenset({"checkout-draft", "auto-draft", "trash"})
_WITH_VARIANTS = 5  # products whose variants are asked for, each with a request


class _Read(BaseModel):
    """A part of an answer; what we do not need is passed over."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Address(_Read):
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    email: str = ""


class _LineItem(_Read):
    id: int
    name: str
    sku: str | None = None
    quantity: int


class _Meta(_Read):
    key: str
    value: Any = None


class _Parcel(_Read):
    tracking_provider: str = ""
    custom_tracking_provider: str = ""
    custom_tracking_link: str = ""
    tracking_number: str = ""


class _Order(_Read):
    id: int
    number: str
    status: str
    date_created: datetime  # in the site's own time zone
    billing: _Address
    shipping: _Address = _Address()
    line_items: list[_LineItem] = []
    meta_data: list[_Meta] = []

    @property
    def parcels(self) -> list[_Parcel]:
        """The parcels that the extension Shipment Tracking knows, where it is installed."""
        for meta in self.meta_data:
            if meta.key == _SHIPMENTS:
                try:
                    return TypeAdapter(list[_Parcel]).validate_python(meta.value)
                except ValidationError:
                    return []  # another plugin's use of the name
        return []


class _Stocked(_Read):
    id: int
    name: str = ""
    sku: str | None = None
    type: str = "simple"
    parent_id: int = 0
    permalink: str = ""
    stock_status: str
    stock_quantity: int | None = None
    manage_stock: bool | str = False  # "parent" in a variation whose product is counted
    attributes: list[Any] = []


class _ShopOptions(Connection):
    """A site: `base_url` is where WordPress is, https://shop.example.com."""

    name: str = "WooCommerce"
    key: str = Field(min_length=1)
    secret: str = Field(min_length=1)

    def client(self) -> Client:
        """Return a client with the keys in its header (HTTP Basic, over TLS)."""
        basic = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        return Client(self, headers={"Authorization": f"Basic {basic}"})


def _list(
    client: Client, exchange: Exchange, path: str, of: type[_Read], **query: str
) -> list[Any]:
    answer = exchange.ask("GET", f"{_API}{path}?{urlencode(query)}", missing=frozenset())
    data = answer.data if answer else None
    if not isinstance(data, list):
        raise client.failure("malformed", retry=False)
    return [client.parse(of, each) for each in data]


# --- Orders -------------------------------------------------------------------------------------
class _OrdersOptions(_ShopOptions):
    states: dict[str, OrderState] = {}  # of statuses that plugins add, over those of WooCommerce
    other_state: OrderState = OrderState.PACKING

    @field_validator("states")
    @classmethod
    def _plain(cls, value: dict[str, OrderState]) -> dict[str, OrderState]:
        return {name.lower().removeprefix("wc-"): state for name, state in value.items()}


class WooOrders:
    """Orders of a shop. A number that plugins give is searched for where it is not the order's id.

    WooCommerce's search is fuzzy: what it returns besides what was asked for is dropped.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_OrdersOptions, options, "WooOrders")
        self._client = self._options.client()
        self._states = {**_STATES, **self._options.states}

    def find(self, number: str) -> Order | None:
        """Return the order with `number`. Raises SystemFailure."""
        asked = number_asked(number)
        if not asked:
            return None
        exchange = self._client.exchange()
        found: list[_Order] = []
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            found = self._orders(exchange, asked, include=str(int(asked)))
        found = found or self._orders(exchange, asked, search=asked)
        return self._order(found[0]) if found else None

    def of(self, email: str) -> list[Order]:
        """Return the orders of `email`. Raises SystemFailure."""
        asked = address_asked(email)
        if not asked:
            return []
        found: list[_Order] = _list(
            self._client,
            self._client.exchange(),
            "/orders",
            _Order,
            search=asked,
            per_page="50",
            orderby="date",
            order="desc",
        )
        fits = [
            order
            for order in found
            if is_same_address(order.billing.email, asked) and order.status not in _NO_ORDERS
        ]
        fits.sort(key=lambda order: order.date_created, reverse=True)
        return [self._order(order) for order in fits[:20]]

    def _orders(self, exchange: Exchange, asked: str, **query: str) -> list[_Order]:
        found: list[_Order] = _list(
            self._client, exchange, "/orders", _Order, per_page="20", **query
        )
        return [
            order
            for order in found
            if is_same_number(order.number, asked) and order.status not in _NO_ORDERS
        ]

    def _order(self, order: _Order) -> Order:
        status = order.status.lower().removeprefix("wc-")
        to = order.billing
        return Order(
            number=order.number.removeprefix("#"),
            email=order.billing.email,
            placed_on=order.date_created.date(),
            state=self._states.get(status, self._options.other_state),
            lines=tuple(
                Line(id=str(line.id), number=line.sku or "", name=line.name, quantity=line.quantity)
                for line in order.line_items
            ),
            shipments=tuple(
                _shipment(parcel) for parcel in order.parcels if parcel.tracking_number
            ),
            name=f"{to.first_name} {to.last_name}".strip(),
            country=(order.shipping.country or to.country).upper()[:2],
        )


def _shipment(parcel: _Parcel) -> Shipment:
    carrier = parcel.custom_tracking_provider or parcel.tracking_provider.replace("-", " ")
    link = parcel.custom_tracking_link
    return Shipment(
        carrier=carrier,
        number=parcel.tracking_number,
        url=link
        if link.startswith(("https://", "http://"))
        else tracking_url(carrier, parcel.tracking_number, ""),
    )


# --- Stock --------------------------------------------------------------------------------------
class WooStock:
    """Stock of a shop."""

    def __init__(self, **options: Any) -> None:
        self._client = read_options(_ShopOptions, options, "WooStock").client()

    def search(self, words: str, language: str) -> list[Product]:
        """Return the products that `words` may mean. Raises SystemFailure."""
        exchange = self._client.exchange()
        for attempt in words_to_try(words):
            found = self._by_number(exchange, attempt) if " " not in attempt else []
            found = found or self._stocked(
                exchange, "/products", search=attempt, status="publish", per_page="20"
            )
            if found:
                return self._products(exchange, found)
        return []

    def _by_number(self, exchange: Exchange, number: str) -> list[_Stocked]:
        found = self._stocked(exchange, "/products", sku=number, status="publish")
        parents = {each.parent_id for each in found if each.parent_id}
        if not parents:
            return found
        return self._stocked(
            exchange, "/products", include=",".join(map(str, sorted(parents))), status="publish"
        )

    def _products(self, exchange: Exchange, found: list[_Stocked]) -> list[Product]:
        products: list[Product] = []
        asked = 0
        for each in found:
            variants = [_variant(each, "")]
            if each.type == "variable":
                asked += 1
                if asked > _WITH_VARIANTS:
                    continue
                of_it = self._stocked(exchange, f"/products/{each.id}/variations", per_page="50")
                variants = [_variant(one, _options_of(one)) for one in of_it]
            if variants:
                products.append(
                    Product(each.sku or str(each.id), each.name, tuple(variants), each.permalink)
                )
        return products

    def _stocked(self, exchange: Exchange, path: str, **query: str) -> list[_Stocked]:
        return _list(self._client, exchange, path, _Stocked, **query)


def _options_of(variation: _Stocked) -> str:
    named = (
        attribute.get("option") for attribute in variation.attributes if isinstance(attribute, dict)
    )
    return ", ".join(str(option) for option in named if option)


def _variant(stocked: _Stocked, name: str) -> Variant:
    is_counted = bool(stocked.manage_stock) and stocked.stock_quantity is not None
    return Variant(
        number=stocked.sku or "",
        name=name,
        in_stock=stocked.stock_status == "instock",
        available=max(0, stocked.stock_quantity or 0) if is_counted else None,
    )
