"""The implementations over HTTP, configured for their fakes."""

from typing import Any

from chatbot.systems.carriers import GlsTracking, PostNordTracking
from chatbot.systems.rest import (
    RestAccounts,
    RestOrders,
    RestReturns,
    RestStock,
    RestTexts,
    RestTickets,
    RestTracking,
)
from chatbot.systems.shopify import ShopifyAccounts, ShopifyOrders, ShopifyReturns, ShopifyStock
from chatbot.systems.woocommerce import WooOrders, WooStock
from tests.chatbot.systems.fakes import carriers, shop, shopify, woocommerce

ORDER_STATES = {
    "RECEIVED": "received",
    "SENT": "sent",
    "DELIVERED": "delivered",
    "CANCELLED": "cancelled",
}


def _rest(url: str, options: dict[str, Any]) -> dict[str, Any]:
    reached = {
        "base_url": f"{url}/api",
        "name": "Shop",
        "headers": {"Authorization": f"Bearer {shop.TOKEN}"},
    }
    return {**reached, **options}


def orders_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_orders`, as settings give them."""
    configured = {
        "find": {"path": "/orders/{number}", "at": "results"},
        "of": {"path": "/orders?email={email}", "at": "data.orders"},
        "order": {
            "number": "orderNumber",
            "email": "customer.mail",
            "placed_on": "created",
            "state": "status",
            "delivered_on": "deliveredAt",
            "name": ["customer.first", "customer.last"],
            "language": {"value": "da"},
            "country": "country",
            "lines": {
                "at": "items",
                "id": "id",
                "number": "sku",
                "name": "title",
                "quantity": "qty",
            },
            "shipments": {"at": "parcels", "carrier": "carrier", "number": "no"},
        },
        "states": ORDER_STATES,
        "time_zone": "Europe/Copenhagen",
    }
    return _rest(url, {**configured, **options})


def rest_orders(url: str, **options: Any) -> RestOrders:
    return RestOrders(**orders_options(url, **options))


def stock_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_stock`, as settings give them."""
    configured = {
        "search": {"path": "/products?q={words}&lang={language}", "at": "hits"},
        "product": {
            "number": "id",
            "name": "title",
            "variants": {"number": "sku", "name": "name", "available": "stock"},
        },
    }
    return _rest(url, {**configured, **options})


def rest_stock(url: str, **options: Any) -> RestStock:
    return RestStock(**stock_options(url, **options))


def accounts_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_accounts`, as settings give them."""
    configured = {"reset": {"method": "POST", "path": "/resets"}, "secret": shop.SECRET}
    return _rest(url, {**configured, **options})


def rest_accounts(url: str, **options: Any) -> RestAccounts:
    return RestAccounts(**accounts_options(url, **options))


def returns_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_returns`, as settings give them."""
    configured = {
        "create": {
            "method": "POST",
            "path": "/returns",
            "body": {"order": "{number}", "mail": "{email}", "lines": "{lines}"},
        },
        "line": {"sku": "{number}", "quantity": "{quantity}"},
        "announced": {
            "number": "return.id",
            "tracking": "return.tracking",
            "carrier": {"value": "GLS"},
        },
        "label": {"path": "/labels/{number}.pdf"},
    }
    return _rest(url, {**configured, **options})


def rest_returns(url: str, **options: Any) -> RestReturns:
    return RestReturns(**returns_options(url, **options))


def tickets_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_tickets`, as settings give them."""
    configured = {
        "open": {
            "method": "POST",
            "path": "/cases",
            "body": {
                "subject": "[{kind}] {subject}",
                "comment": "{text}\n\n{facts_text}",
                "fields": "{facts}",
                "requester": {"email": "{email}"},
                "chat": "{conversation}",
            },
        },
        "number": "case.id",
    }
    return _rest(url, {**configured, **options})


def rest_tickets(url: str, **options: Any) -> RestTickets:
    return RestTickets(**tickets_options(url, **options))


def texts_options(url: str, **options: Any) -> dict[str, Any]:
    """Return the options of `rest_texts`, as settings give them."""
    configured = {
        "send": {
            "method": "POST",
            "path": "/sms",
            "encoding": "form",
            "body": {"To": "{number}", "From": "Nordlys", "Body": "{text}"},
        }
    }
    return _rest(url, {**configured, **options})


def rest_texts(url: str, **options: Any) -> RestTexts:
    return RestTexts(**texts_options(url, **options))


def rest_tracking(url: str, **options: Any) -> RestTracking:
    configured = {
        "follow": {"path": "/parcels/{number}?lang={language}"},
        "parcel": {
            "number": "no",
            "state": "code",
            "event": "text",
            "at": "when",
            "delivered_on": "done",
        },
        "states": {"transit": "under_way", "delivered": "delivered", "pickup": "ready"},
        "dates": "epoch",
    }
    return RestTracking(**_rest(url, {**configured, **options}))


def shopify_orders(url: str, **options: Any) -> ShopifyOrders:
    return ShopifyOrders(
        base_url=url, token=shopify.TOKEN, time_zone="Europe/Copenhagen", **options
    )


def shopify_stock(url: str, **options: Any) -> ShopifyStock:
    return ShopifyStock(base_url=url, token=shopify.TOKEN, **options)


def shopify_returns(url: str, **options: Any) -> ShopifyReturns:
    return ShopifyReturns(base_url=url, token=shopify.TOKEN, **options)


def shopify_accounts(url: str, **options: Any) -> ShopifyAccounts:
    return ShopifyAccounts(base_url=url, token=shopify.TOKEN, **options)


def woo_orders(url: str, **options: Any) -> WooOrders:
    return WooOrders(base_url=url, key=woocommerce.KEY, secret=woocommerce.SECRET, **options)


def woo_stock(url: str, **options: Any) -> WooStock:
    return WooStock(base_url=url, key=woocommerce.KEY, secret=woocommerce.SECRET, **options)


def postnord(url: str, **options: Any) -> PostNordTracking:
    return PostNordTracking(base_url=url, key=carriers.KEY, **options)


def gls(url: str, **options: Any) -> GlsTracking:
    return GlsTracking(base_url=url, client_id="app", client_secret="secret", **options)
