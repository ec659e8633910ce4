"""Shopify's Admin and Storefront GraphQL APIs, as far as Svar asks them.

Its search finds more than what was asked for, as Shopify's does. What it cannot read as the
search syntax that Svar is to keep to, it notes in `misread`.
"""

import re
from typing import Any

from chatbot.systems.ports import Order, OrderState
from tests.chatbot.systems import contract
from tests.chatbot.systems.fakes.server import FakeSystem, Reply, Seen, Status

TOKEN = "shpat_token"
PHRASE = r'"((?:[^"\\]|\\.)*)"'
_COST = {
    "cost": {
        "requestedQueryCost": 100,
        "actualQueryCost": None,
        "throttleStatus": {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": 80,
            "restoreRate": 100.0,
        },
    }
}


def throttled(available: float) -> Status:
    """Return the answer to a question of 100 points when `available` are left, 100 a second."""
    status = {**_COST["cost"]["throttleStatus"], "currentlyAvailable": available}
    return Status(
        200,
        {
            "errors": [
                {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": ""}}
            ],
            "extensions": {"cost": {**_COST["cost"], "throttleStatus": status}},
        },
    )


def graphql_error(code: str) -> Status:
    """Return an answer of HTTP 200 that is an error."""
    return Status(200, {"errors": [{"message": "…", "extensions": {"code": code}}], "data": None})


def _order(order: Order) -> dict[str, Any]:
    is_sent = bool(order.shipments)
    return {
        "id": f"gid://shopify/Order/{order.number}",
        "name": f"#{order.number}",
        "email": order.email.title(),
        "createdAt": f"{order.placed_on}T08:00:00Z",
        "cancelledAt": f"{order.placed_on}T09:00:00Z"
        if order.state == OrderState.CANCELLED
        else None,
        "customerLocale": "da-DK",
        "displayFulfillmentStatus": "FULFILLED" if is_sent else "UNFULFILLED",
        "returnStatus": "NO_RETURN",
        "shippingAddress": {"name": order.name or None, "countryCodeV2": order.country or None},
        "lineItems": {
            "nodes": [
                {
                    "id": f"gid://shopify/LineItem/{order.number}{index}",
                    "sku": line.number,
                    "name": line.name,
                    "quantity": line.quantity,
                    "refundableQuantity": line.quantity,
                    "requiresShipping": True,
                }
                for index, line in enumerate(order.lines)
            ]
        },
        "fulfillments": [
            {
                "status": "SUCCESS",
                "displayStatus": "DELIVERED"
                if order.state == OrderState.DELIVERED
                else "IN_TRANSIT",
                "estimatedDeliveryAt": None,
                "deliveredAt": order.delivered_on and f"{order.delivered_on}T10:00:00Z",
                "trackingInfo": [{"company": each.carrier, "number": each.number, "url": None}],
            }
            for each in order.shipments
        ],
    }


class FakeShopify(FakeSystem):
    """A shop with the contract's orders and products."""

    def __init__(self) -> None:
        super().__init__()
        self.misread: list[str] = []
        self.returns: list[dict[str, Any]] = []
        self.resets: list[str] = []
        self.has_labels = True

    def answer(self, seen: Seen) -> Reply:
        """Answer a GraphQL question."""
        document, variables = seen.json["query"], seen.json["variables"]
        if seen.path == "/api/2026-07/graphql.json":
            if seen.headers.get("shopify-storefront-private-token") != TOKEN:
                return 401, {"errors": "[API] Invalid access token"}, {}
            return self._data(self._recover(variables["email"]))
        if seen.path != "/admin/api/2026-07/graphql.json":
            return 404, {"errors": "Not Found"}, {}
        if seen.headers.get("x-shopify-access-token") != TOKEN:
            return 401, {"errors": "[API] Invalid API key or access token"}, {}
        for name, answer in (
            ("products(", self._products),
            ("returnableFulfillments(", self._returnable),
            ("returnCreate(", self._create),
            ("orders(", self._orders),
        ):
            if name in document:
                return self._data(answer(variables))
        return 200, {"errors": [{"message": "Field doesn't exist"}]}, {}

    @staticmethod
    def _data(data: Any) -> Reply:
        return 200, {"data": data, "extensions": _COST}, {}

    def _orders(self, variables: dict[str, Any]) -> Any:
        asked = re.fullmatch(f"(name|email):{PHRASE}", variables["query"])
        if not asked:
            self.misread.append(variables["query"])
            return {"orders": {"nodes": list(map(_order, contract.ORDERS))}}
        field, value = asked[1], asked[2].lower()
        newest = sorted(contract.ORDERS, key=lambda order: order.placed_on, reverse=True)
        if field == "name":
            found = [each for each in newest if each.number.lower().startswith(value[:6])]
        else:
            found = [each for each in newest if each.email == value]
        nodes = [_order(each) for each in found[: variables.get("first", 3)]]
        for node in nodes:
            node["returns"] = {
                "nodes": [each["return"] for each in self.returns if each["order"] == node["id"]]
            }
        # One that was not asked for comes first.
        stranger = _order(contract.RECEIVED) | {"returns": {"nodes": []}}
        return {"orders": {"nodes": [stranger, *nodes]}}

    def _products(self, variables: dict[str, Any]) -> Any:
        query = variables["query"]
        titles, sku = re.findall(r"title:(\w+)\*", query), re.search(f"sku:{PHRASE}", query)
        rest = re.sub(rf"title:\w+\*|sku:{PHRASE}|AND|OR|[() ]", "", query)
        if rest != "status:active" or sku is None:
            self.misread.append(query)
        found = [
            product
            for product in contract.PRODUCTS
            if (
                titles
                and all(
                    any(word.lower().startswith(title) for word in product.name.split())
                    for title in titles
                )
            )
            or (sku and sku[1] in [each.number for each in product.variants])
        ]
        return {
            "products": {
                "nodes": [
                    {
                        "title": product.name,
                        "handle": product.number.lower(),
                        "onlineStoreUrl": "https://shop.example.com/products/x",
                        "variants": {
                            "nodes": [
                                {
                                    "sku": each.number,
                                    "title": each.name or "Default Title",
                                    "availableForSale": each.in_stock,
                                    "inventoryQuantity": each.available,
                                    "inventoryItem": {"tracked": True},
                                }
                                for each in product.variants
                            ]
                        },
                    }
                    for product in found
                ]
            }
        }

    def _returnable(self, variables: dict[str, Any]) -> Any:
        order = next(
            each for each in map(_order, contract.ORDERS) if each["id"] == variables["order"]
        )
        lines = [
            {
                "quantity": line["quantity"],
                "fulfillmentLineItem": {
                    "id": line["id"].replace("LineItem", "FulfillmentLineItem"),
                    "lineItem": {"id": line["id"], "sku": line["sku"]},
                },
            }
            for line in order["lineItems"]["nodes"]
        ]
        return {
            "returnableFulfillments": {
                "nodes": [{"returnableFulfillmentLineItems": {"nodes": lines}}]
            }
        }

    def _create(self, variables: dict[str, Any]) -> Any:
        asked = variables["input"]
        lines = asked["returnLineItems"]
        if any(
            line["fulfillmentLineItemId"] == old["fulfillmentLineItemId"]
            for each in self.returns
            for old in each["lines"]
            for line in lines
        ):
            wrong = {"code": "INVALID", "field": ["returnLineItems"], "message": "…"}
            return {"returnCreate": {"return": None, "userErrors": [wrong]}}
        number = f"#{asked['orderId'].rpartition('/')[2]}-R{len(self.returns) + 1}"
        deliverable = {
            "label": {"publicFileUrl": "https://cdn.shopify.example/label.pdf"},
            "tracking": {"carrierName": "PostNord", "number": "RT-1", "url": None},
        }
        deliveries = [{"deliverable": deliverable}] if self.has_labels else []
        made = {
            "name": number,
            "returnLineItems": {
                "nodes": [{"returnReasonNote": line["returnReasonNote"]} for line in lines]
            },
            "reverseFulfillmentOrders": {"nodes": [{"reverseDeliveries": {"nodes": deliveries}}]},
        }
        self.returns.append({"order": asked["orderId"], "lines": lines, "return": made})
        return {"returnCreate": {"return": made, "userErrors": []}}

    def _recover(self, email: str) -> Any:
        if email.lower() == contract.IDA:
            self.resets.append(email)
            return {"customerRecover": {"customerUserErrors": []}}
        wrong = {"code": "UNIDENTIFIED_CUSTOMER", "message": "Could not find customer"}
        return {"customerRecover": {"customerUserErrors": [wrong]}}
