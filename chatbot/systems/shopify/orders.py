"""Orders from Shopify."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from chatbot.systems.asked import address_asked, is_same_address, is_same_number, number_asked
from chatbot.systems.options import Zoned, read_options
from chatbot.systems.ports import Line, Order, OrderState, Shipment
from chatbot.systems.shopify.graphql import GraphQL, Read, ShopOptions, quoted
from chatbot.systems.tracking_pages import tracking_url

# https://shopify.dev/docs/api/admin-graphql/2026-07/objects/Order. A question may cost 1,000
# points, about one for each object that it could return: hence the few lines in a list.
_ORDERS = """
query Orders($query: String!, $first: Int!, $lines: Int!) {
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) {
    nodes {
      name email createdAt cancelledAt customerLocale displayFulfillmentStatus returnStatus
      shippingAddress { name countryCodeV2 }
      lineItems(first: $lines) {
        nodes { id sku name quantity refundableQuantity requiresShipping }
      }
      fulfillments(first: 5) {
        status displayStatus estimatedDeliveryAt deliveredAt
        trackingInfo(first: 5) { company number url }
      }
    }
  }
}
"""
_ENDED = frozenset({"CANCELLED", "ERROR", "FAILURE"})
_ARRIVED = frozenset({"DELIVERED", "PICKED_UP"})


class _Line(Read):
    id: str
    sku: str | None = None
    name: str
    quantity: int
    refundable_quantity: int = 0
    requires_shipping: bool = True


class _Lines(Read):
    nodes: list[_Line] = []


class _TrackingInfo(Read):
    company: str | None = None
    number: str | None = None
    url: str | None = None


class _Fulfillment(Read):
    status: str
    display_status: str | None = None
    estimated_delivery_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    tracking_info: list[_TrackingInfo] = []


class _Address(Read):
    name: str | None = None
    country_code_v2: str | None = None


class _Order(Read):
    name: str
    email: str | None = None
    created_at: AwareDatetime
    cancelled_at: AwareDatetime | None = None
    customer_locale: str | None = None
    display_fulfillment_status: str
    return_status: str | None = None
    shipping_address: _Address | None = None
    line_items: _Lines
    fulfillments: list[_Fulfillment] = []

    @property
    def parcels(self) -> list[_Fulfillment]:
        """The fulfillments that hold."""
        return [each for each in self.fulfillments if each.status not in _ENDED]

    @property
    def state(self) -> OrderState:
        """How far the order is."""
        shown = {each.display_status for each in self.parcels}
        status = self.display_fulfillment_status
        is_sent = bool(self.parcels) or status in ("FULFILLED", "PARTIALLY_FULFILLED")
        is_all_there = status == "FULFILLED" and bool(shown) and shown <= _ARRIVED
        is_at_work = status in ("IN_PROGRESS", "PENDING_FULFILLMENT")
        cases = (
            (self.cancelled_at is not None, OrderState.CANCELLED),
            (self.return_status == "RETURNED", OrderState.RETURNED),
            (is_all_there, OrderState.DELIVERED),
            ("READY_FOR_PICKUP" in shown, OrderState.READY),
            (is_sent, OrderState.SENT),
            (is_at_work, OrderState.PACKING),
        )
        return next((state for holds, state in cases if holds), OrderState.RECEIVED)


class _Orders(Read):
    nodes: list[_Order]


class _Answer(Read):
    orders: _Orders


class _OrdersOptions(ShopOptions, Zoned):
    pass


class ShopifyOrders:
    """Orders of a shop. The token needs the scopes read_orders, and read_all_orders beyond 60 days.

    Shopify's search is fuzzy: what it returns besides what was asked for is dropped.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_OrdersOptions, options, "ShopifyOrders")
        self._api = GraphQL(
            self._options,
            f"/admin/api/{self._options.api_version}/graphql.json",
            "X-Shopify-Access-Token",
        )

    def find(self, number: str) -> Order | None:
        """Return the order with `number`. Raises SystemFailure."""
        asked = number_asked(number)
        if not asked:
            return None
        found = self._search(f"name:{quoted(asked)}", first=5, lines=50)
        fits = [order for order in found if is_same_number(order.name, asked)]
        return self._order(fits[0]) if fits else None

    def of(self, email: str) -> list[Order]:
        """Return the orders of `email`. Raises SystemFailure."""
        asked = address_asked(email)
        if not asked:
            return []
        found = self._search(f"email:{quoted(asked)}", first=20, lines=20)
        fits = [order for order in found if is_same_address(order.email or "", asked)]
        fits.sort(key=lambda order: order.created_at, reverse=True)
        return [self._order(order) for order in fits[:20]]

    def _search(self, query: str, *, first: int, lines: int) -> list[_Order]:
        variables = {"query": query, "first": first, "lines": lines}
        return self._api.ask(self._api.exchange(), _Answer, _ORDERS, variables).orders.nodes

    def _order(self, order: _Order) -> Order:
        day_of, parcels = self._options.day_of, order.parcels
        address, language = order.shipping_address or _Address(), order.customer_locale or ""
        language = language.partition("-")[0]
        arrivals = [each.delivered_at for each in parcels if each.delivered_at]
        is_here = order.state in (OrderState.DELIVERED, OrderState.RETURNED)
        expected = [each.estimated_delivery_at for each in parcels if each.estimated_delivery_at]

        def day(moment: datetime | None) -> Any:
            return day_of(moment) if moment else None

        return Order(
            number=order.name.removeprefix("#"),
            email=order.email or "",
            placed_on=day_of(order.created_at),
            state=order.state,
            lines=tuple(
                Line(
                    id=line.id,
                    number=line.sku or "",
                    name=line.name,
                    quantity=line.quantity,
                    is_returnable=line.refundable_quantity > 0 and line.requires_shipping,
                )
                for line in order.line_items.nodes
            ),
            shipments=tuple(
                Shipment(
                    carrier=info.company or "",
                    number=info.number or "",
                    url=info.url or tracking_url(info.company or "", info.number or "", language),
                    expected_on=day(parcel.estimated_delivery_at),
                    delivered_on=day(parcel.delivered_at),
                )
                for parcel in parcels
                for info in parcel.tracking_info
                if info.number
            ),
            expected_on=day(max(expected, default=None)) if not is_here else None,
            delivered_on=day(max(arrivals, default=None)) if is_here else None,
            name=address.name or "",
            language=language,
            country=address.country_code_v2 or "",
        )
