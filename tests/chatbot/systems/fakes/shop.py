"""A shop's own JSON API, such as `chatbot.systems.rest` is configured for; searches are fuzzy."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

from chatbot.systems.ports import Order, TrackedState
from tests.chatbot.systems import contract
from tests.chatbot.systems.fakes.server import FakeSystem, Reply, Seen

TOKEN, SECRET = (
    "token-of-the-shop",
    "whsec_" + base64.b64encode(b"a secret of 24 bytes at l").decode(),
)
PDF = b"%PDF-1.4 a label"
PARCELS = {
    TrackedState.UNDER_WAY: "00370730251234567890",
    TrackedState.DELIVERED: "00370730251234567891",
    TrackedState.READY: "00370730251234567892",
}
_CODES = {
    TrackedState.UNDER_WAY: "transit",
    TrackedState.DELIVERED: "delivered",
    TrackedState.READY: "pickup",
}


def _order(order: Order) -> dict[str, Any]:
    return {
        "orderNumber": f"#{order.number}",
        "customer": {
            "mail": order.email.upper(),
            "first": order.name.partition(" ")[0],
            "last": order.name.partition(" ")[2],
        },
        "created": f"{order.placed_on}T10:00:00Z",
        "status": order.state.value.upper(),
        "deliveredAt": order.delivered_on and f"{order.delivered_on}T12:00:00Z",
        "country": order.country.lower(),
        "items": [
            {"id": index, "sku": line.number, "title": line.name, "qty": str(line.quantity)}
            for index, line in enumerate(order.lines, 1)
        ],
        "parcels": [{"carrier": each.carrier, "no": each.number} for each in order.shipments],
    }


class FakeShop(FakeSystem):
    """Orders, stock, resets, returns, cases, texts and parcels."""

    def __init__(self) -> None:
        super().__init__()
        self.resets: list[str] = []
        self.returns: dict[str, Any] = {}
        self.cases: dict[str, Any] = {}
        self.texts: dict[str, Any] = {}

    def answer(self, seen: Seen) -> Reply:
        """Answer as the shop does."""
        if seen.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "invalid token"}, {"WWW-Authenticate": "Bearer"}
        folder, _slash, rest = seen.path.removeprefix("/api").strip("/").partition("/")
        found = getattr(self, f"_{seen.method.lower()}_{folder}", None)
        if found is None:
            return 404, {"error": "no such page"}, {}
        reply: Reply = found(seen, unquote(rest))
        return reply

    def _get_orders(self, seen: Seen, number: str) -> Reply:
        if not number:
            email = seen.query.get("email", "").lower()
            found = [order for order in contract.ORDERS if order.email == email]
            return (
                200,
                {"data": {"orders": [_order(each) for each in [contract.RECEIVED, *found]]}},
                {},
            )
        like = [order for order in contract.ORDERS if order.number[:4] == number[:4].upper()]
        if not like:
            return 404, {"error": "no such order"}, {}
        return 200, {"results": [_order(contract.RECEIVED), *map(_order, like)]}, {}

    def _get_products(self, seen: Seen, rest: str) -> Reply:
        words = seen.query.get("q", "").lower().split()
        found = [
            product
            for product in contract.PRODUCTS
            if any(
                all(word in text.lower() for word in words)
                for text in (product.name, *(each.number for each in product.variants))
            )
        ]
        return (
            200,
            {
                "hits": [
                    {
                        "id": product.number,
                        "title": product.name,
                        "variants": [
                            {"sku": each.number, "name": each.name, "stock": each.available}
                            for each in product.variants
                        ],
                    }
                    for product in found
                ]
            },
            {},
        )

    def _post_resets(self, seen: Seen, rest: str) -> Reply:
        event, at = seen.headers["webhook-id"], seen.headers["webhook-timestamp"]
        secret = base64.b64decode(SECRET.removeprefix("whsec_"))
        signed = hmac.digest(secret, f"{event}.{at}.".encode() + seen.body, hashlib.sha256)
        if seen.headers["webhook-signature"] != f"v1,{base64.b64encode(signed).decode()}":
            return 401, {"error": "signature"}, {}
        if seen.json["email"].lower() != contract.IDA:
            return 422, {"error": "no such account"}, {}
        self.resets.append(seen.json["email"])
        return 202, b"OK", {"Content-Type": "text/plain"}

    def _post_returns(self, seen: Seen, rest: str) -> Reply:
        made = self.returns.setdefault(
            seen.headers["idempotency-key"],
            {"id": f"R{len(self.returns) + 1}", "tracking": "T-1", "asked": seen.json},
        )
        return 201, {"return": made}, {}

    def _get_labels(self, seen: Seen, rest: str) -> Reply:
        return 200, PDF, {"Content-Type": "application/pdf"}

    def _post_cases(self, seen: Seen, rest: str) -> Reply:
        made = self.cases.setdefault(
            seen.headers["idempotency-key"], {"id": len(self.cases) + 100, "asked": seen.json}
        )
        return 201, {"case": {"id": made["id"]}}, {}

    def _post_sms(self, seen: Seen, rest: str) -> Reply:
        self.texts.setdefault(seen.headers["idempotency-key"], seen.body)
        return 200, b"queued", {"Content-Type": "text/plain"}

    def _get_parcels(self, seen: Seen, number: str) -> Reply:
        for state, known in PARCELS.items():
            if number == known:
                return (
                    200,
                    [
                        {
                            "no": known,
                            "code": _CODES[state],
                            "text": "Pakken",
                            "when": 1778752800,  # 2026-05-14 10:00 UTC
                            "done": 1778752800 if state == TrackedState.DELIVERED else None,
                        }
                    ],
                    {},
                )
        return 404, {"error": "unknown"}, {}
