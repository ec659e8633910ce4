"""Returns in Shopify."""

from collections import defaultdict
from typing import Any

from pydantic import Field

from chatbot.systems.asked import is_same_address, is_same_number, number_asked
from chatbot.systems.http import Exchange
from chatbot.systems.options import read_options
from chatbot.systems.ports import Line, Order, ReturnLabel
from chatbot.systems.shopify.graphql import GraphQL, Read, ShopOptions, UserErrors, quoted

# https://shopify.dev/docs/apps/build/orders-fulfillment/returns-apps
_RETURN = """
fragment Announced on Return {
  name
  returnLineItems(first: 10) { nodes { returnReasonNote } }
  reverseFulfillmentOrders(first: 1) { nodes { reverseDeliveries(first: 2) { nodes {
    deliverable { ... on ReverseDeliveryShippingDeliverable {
      label { publicFileUrl } tracking { carrierName number url }
    } }
  } } } }
}
"""
_OF_ORDER = (
    """
query Order($query: String!) {
  orders(first: 3, query: $query) {
    nodes { id name email returns(first: 5) { nodes { ...Announced } } }
  }
}
"""
    + _RETURN
)
_RETURNABLE = """
query Returnable($order: ID!) {
  returnableFulfillments(orderId: $order, first: 5) {
    nodes { returnableFulfillmentLineItems(first: 20) {
      nodes { quantity fulfillmentLineItem { id lineItem { id } } }
    } }
  }
}
"""
_CREATE = (
    """
mutation Announce($input: ReturnInput!) {
  returnCreate(returnInput: $input) { return { ...Announced } userErrors { code } }
}
"""
    + _RETURN
)


class _Note(Read):
    return_reason_note: str | None = None


class _Notes(Read):
    nodes: list[_Note] = []


class _File(Read):
    public_file_url: str | None = None


class _Tracking(Read):
    carrier_name: str | None = None
    number: str | None = None
    url: str | None = None


class _Deliverable(Read):
    label: _File | None = None
    tracking: _Tracking | None = None


class _Delivery(Read):
    deliverable: _Deliverable | None = None


class _Deliveries(Read):
    nodes: list[_Delivery] = []


class _Reverse(Read):
    reverse_deliveries: _Deliveries


class _Reverses(Read):
    nodes: list[_Reverse] = []


class _Return(Read):
    name: str
    return_line_items: _Notes
    reverse_fulfillment_orders: _Reverses

    def label(self) -> ReturnLabel:
        """Return the label, empty but for its number where there is none yet."""
        found = [
            delivery.deliverable
            for reverse in self.reverse_fulfillment_orders.nodes
            for delivery in reverse.reverse_deliveries.nodes
            if delivery.deliverable
        ]
        best = next((each for each in found if each.label), found[0] if found else _Deliverable())
        tracking = best.tracking or _Tracking()
        return ReturnLabel(
            number=self.name.removeprefix("#"),
            carrier=tracking.carrier_name or "",
            tracking=tracking.number or "",
            url=(best.label and best.label.public_file_url) or "",
        )


class _Returns(Read):
    nodes: list[_Return] = []


class _Order(Read):
    id: str
    name: str
    email: str | None = None
    returns: _Returns


class _Orders(Read):
    nodes: list[_Order]


class _OfOrder(Read):
    orders: _Orders


class _LineItem(Read):
    id: str


class _FulfillmentLine(Read):
    id: str
    line_item: _LineItem


class _ReturnableLine(Read):
    quantity: int
    fulfillment_line_item: _FulfillmentLine


class _ReturnableLines(Read):
    nodes: list[_ReturnableLine] = []


class _Fulfillment(Read):
    returnable_fulfillment_line_items: _ReturnableLines


class _Fulfillments(Read):
    nodes: list[_Fulfillment] = []


class _Returnable(Read):
    returnable_fulfillments: _Fulfillments


class _Payload(Read):
    announced: _Return | None = Field(None, alias="return")
    user_errors: list[UserErrors] = []


class _Created(Read):
    return_create: _Payload | None = None


class _ReturnsOptions(ShopOptions):
    reason: str = "OTHER"
    reason_definition_id: str = ""
    shop_sends_label: bool = False


class ShopifyReturns:
    """Announces returns. The token needs the scopes read_orders, read_returns, write_returns.

    returnCreate knows no idempotency key, so the key is kept in the note of the return's lines,
    and looked for there first. Shopify makes no labels by its API: one is there if another app
    adds it to the return as it is created. Where the shop sends labels itself, say so by
    `shop_sends_label`; else a return without a label is a failure, for a person to go on with.
    """

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_ReturnsOptions, options, "ShopifyReturns")
        self._api = GraphQL(
            self._options,
            f"/admin/api/{self._options.api_version}/graphql.json",
            "X-Shopify-Access-Token",
        )

    def create(self, order: Order, lines: tuple[Line, ...], *, key: str) -> ReturnLabel:
        """Announce the return of `lines`, or return the one announced before with `key`.

        Raises SystemFailure; refused if there is no label, though the return may be announced.
        """
        exchange, note = self._api.exchange(), f"Svar {key}"
        known = self._order(exchange, order)
        announced = next(
            (
                each
                for each in known.returns.nodes
                if any(line.return_reason_note == note for line in each.return_line_items.nodes)
            ),
            None,
        )
        if announced is None:
            announced = self._announce(exchange, known.id, lines, note)
        label = announced.label()
        if not label.url and not self._options.shop_sends_label:
            raise self._api.refuse()
        return label

    def _order(self, exchange: Exchange, order: Order) -> _Order:
        asked = number_asked(order.number)
        found = self._api.ask(
            exchange, _OfOrder, _OF_ORDER, {"query": f"name:{quoted(asked)}"}
        ).orders.nodes
        for each in found:
            if is_same_number(each.name, asked) and is_same_address(each.email or "", order.email):
                return each
        raise self._api.refuse()

    def _announce(
        self, exchange: Exchange, order: str, lines: tuple[Line, ...], note: str
    ) -> _Return:
        sent = self._to_return(exchange, order, lines)
        for line in sent:
            line["returnReasonNote"] = note
            if self._options.reason_definition_id:
                line["returnReasonDefinitionId"] = self._options.reason_definition_id
            else:
                line["returnReason"] = self._options.reason
        answer = self._api.ask(
            exchange,
            _Created,
            _CREATE,
            {"input": {"orderId": order, "returnLineItems": sent}},
            repeatable=False,
        )
        payload = answer.return_create
        if payload is None or payload.user_errors or payload.announced is None:
            raise self._api.refuse()
        return payload.announced

    def _to_return(
        self, exchange: Exchange, order: str, lines: tuple[Line, ...]
    ) -> list[dict[str, Any]]:
        """Return what is to come back by the lines of fulfillments. Raises SystemFailure."""
        answer = self._api.ask(exchange, _Returnable, _RETURNABLE, {"order": order})
        sent: dict[str, list[_ReturnableLine]] = defaultdict(list)
        for fulfillment in answer.returnable_fulfillments.nodes:
            for each in fulfillment.returnable_fulfillment_line_items.nodes:
                sent[each.fulfillment_line_item.line_item.id].append(each)
        chosen: list[dict[str, Any]] = []
        for line in lines:
            left = line.quantity
            for each in sent[line.id]:
                quantity = min(left, each.quantity)
                if quantity > 0:
                    chosen.append(
                        {
                            "fulfillmentLineItemId": each.fulfillment_line_item.id,
                            "quantity": quantity,
                        }
                    )
                left -= quantity
            if left > 0:
                raise self._api.refuse()
        return chosen
