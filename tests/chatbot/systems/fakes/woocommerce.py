"""WooCommerce's REST API, version 3, as far as Svar asks it; its searches are fuzzy."""

import base64
from typing import Any

from chatbot.systems.ports import Order, OrderState, Product, Variant
from tests.chatbot.systems import contract
from tests.chatbot.systems.fakes.server import FakeSystem, Reply, Seen

KEY, SECRET = "ck_key", "cs_secret"
_BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
_STATUS = {
    OrderState.RECEIVED: "on-hold",
    OrderState.SENT: "completed",
    OrderState.DELIVERED: "completed",
    OrderState.CANCELLED: "cancelled",
}
ID_OF_LETTERED = 7001  # its number is given by a plugin


def _order(order: Order) -> dict[str, Any]:
    shipments = [
        {
            "tracking_provider": each.carrier.lower(),
            "custom_tracking_provider": "",
            "custom_tracking_link": "",
            "tracking_number": each.number,
            "date_shipped": "1777852800",
            "tracking_id": "a1",
        }
        for each in order.shipments
    ]
    return {
        "id": int(order.number) if order.number.isdigit() else ID_OF_LETTERED,
        "number": order.number,
        "status": _STATUS[order.state],
        "date_created": f"{order.placed_on}T23:30:00",
        "billing": {
            "first_name": order.name.partition(" ")[0],
            "last_name": order.name.partition(" ")[2],
            "email": order.email,
            "country": order.country,
        },
        "shipping": {"first_name": "", "country": order.country},
        "line_items": [
            {"id": index, "name": line.name, "sku": line.number, "quantity": line.quantity}
            for index, line in enumerate(order.lines, 1)
        ],
        "meta_data": [
            {"id": 1, "key": "_other", "value": {"a": [1]}},
            *([{"id": 2, "key": "_wc_shipment_tracking_items", "value": shipments}]),
        ],
    }


def _product(index: int, product: Product) -> dict[str, Any]:
    only = product.variants[0] if len(product.variants) == 1 else None
    return {
        "id": index,
        "name": product.name,
        "sku": product.number,
        "type": "simple" if only else "variable",
        "parent_id": 0,
        "permalink": f"https://shop.example.com/product/{index}",
        "stock_status": "instock",
        "manage_stock": only is not None,
        "stock_quantity": only.available if only else None,
        "attributes": [{"id": 1, "name": "Colour", "options": ["Moss", "Sand"]}],
    }


def _variation(index: int, parent: int, variant: Variant) -> dict[str, Any]:
    return {
        "id": parent * 100 + index,
        "name": variant.name,
        "sku": variant.number,
        "type": "variation",
        "parent_id": parent,
        "permalink": "https://shop.example.com/product/x",
        "stock_status": "instock" if variant.in_stock else "outofstock",
        "manage_stock": True,
        "stock_quantity": variant.available,
        "attributes": [{"id": 1, "name": "Colour", "option": variant.name}],
    }


class FakeWooCommerce(FakeSystem):
    """A shop with the contract's orders and products."""

    def answer(self, seen: Seen) -> Reply:
        """Answer as WordPress does."""
        if not seen.path.startswith("/wp-json/wc/v3/"):
            return 404, {"code": "rest_no_route", "message": "…", "data": {"status": 404}}, {}
        if seen.headers.get("authorization") != _BASIC:
            error = {"code": "woocommerce_rest_cannot_view", "data": {"status": 401}}
            return 401, error, {}
        steps = seen.path.removeprefix("/wp-json/wc/v3/").split("/")
        if steps == ["orders"]:
            return 200, self._orders(seen.query)[: int(seen.query["per_page"])], {}
        if steps == ["products"]:
            return 200, self._products(seen.query), {}
        if len(steps) == 3 and steps[0] == "products" and steps[2] == "variations":
            parent = int(steps[1])
            variants = contract.PRODUCTS[parent - 1].variants
            return 200, [_variation(i, parent, each) for i, each in enumerate(variants)], {}
        return 404, {"code": "rest_no_route", "data": {"status": 404}}, {}

    @staticmethod
    def _orders(query: dict[str, str]) -> list[dict[str, Any]]:
        newest = sorted(contract.ORDERS, key=lambda order: order.placed_on, reverse=True)
        known = list(map(_order, newest))
        if "include" in query:
            return [each for each in known if str(each["id"]) == query["include"]]
        words = query["search"].lower()
        stranger = _order(contract.RECEIVED)
        return [
            stranger,
            *(
                each
                for each in known
                if words[:4] in each["number"].lower() or words in each["billing"]["email"]
            ),
        ]

    @staticmethod
    def _products(query: dict[str, str]) -> list[dict[str, Any]]:
        known = [_product(i, each) for i, each in enumerate(contract.PRODUCTS, 1)]
        if "include" in query:
            return [each for each in known if str(each["id"]) in query["include"].split(",")]
        if "sku" in query:
            variations = [
                _variation(i, parent, variant)
                for parent, product in enumerate(contract.PRODUCTS, 1)
                for i, variant in enumerate(product.variants)
                if len(product.variants) > 1
            ]
            return [each for each in known + variations if each["sku"] == query["sku"]]
        words = query["search"].lower().split()
        return [each for each in known if all(word in each["name"].lower() for word in words)]
