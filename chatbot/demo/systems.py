"""The demo shop's customers, orders and products, in Svar's own tables."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from chatbot.demo.content import PASSWORD
from chatbot.systems import services
from chatbot.systems.models import Account, ShopOrder, ShopProduct
from chatbot.systems.ports import Line, Shipment, Variant

_TRACKED_AT = {
    "PostNord": "https://tracking.postnord.com/tracking?id={}",
    "GLS": "https://gls-group.com/track/{}",
    "DAO": "https://www.dao.as/track-and-trace?stregkode={}",
    "DHL": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}",
    "Bring": "https://sporing.bring.no/sporing/{}",
}


def load() -> None:
    """Add the customers, products and orders that are missing; what is there stays as it is."""
    described: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parent / "systems.yaml").read_text("utf-8")
    )
    today = timezone.localdate()
    _accounts(described["accounts"])
    _products(described["products"], today)
    _orders(described["orders"], today)


def _accounts(described: list[list[str]]) -> None:
    known = set(Account.objects.values_list("email", flat=True))
    new = [(email, name) for email, name in described if email not in known]
    if not new:
        return
    # One hash for all: each takes as long as guessing one password should.
    password = make_password(PASSWORD)
    Account.objects.bulk_create(
        Account(email=email, name=name, password=password) for email, name in new
    )


def _products(described: list[dict[str, Any]], today: date) -> None:
    known = set(ShopProduct.objects.values_list("number", flat=True))
    for raw in described:
        if raw["number"] in known:
            continue
        services.save_product(
            number=raw["number"],
            names=raw["names"],
            url=_page(raw.get("page", "")),
            also=raw["also"],
            variants=[
                (
                    Variant(
                        number=number,
                        name="",
                        in_stock=available > 0,
                        available=available,
                        back_on=_day(today, back),
                    ),
                    names,
                )
                for number, available, back, names in raw["variants"]
            ],
        )


def _page(slug: str) -> str:
    """Return the page's address; none on a machine whose name is not one of the internet's."""
    url = f"{settings.BASE_URL}/shop/{slug}/" if slug else ""
    try:
        URLValidator()(url)
    except ValidationError:
        return ""
    return url


def _orders(described: list[dict[str, Any]], today: date) -> None:
    known = set(ShopOrder.objects.values_list("number", flat=True))
    for raw in reversed(described):  # the oldest first, as a shop gets them
        if raw["number"] in known:
            continue
        services.save_order(
            number=raw["number"],
            values={
                **{name: raw[name] for name in ("email", "name", "language", "country", "state")},
                "placed_on": _day(today, raw["placed"]),
                "expected_on": _day(today, raw.get("expected")),
                "delivered_on": _day(today, raw.get("delivered")),
            },
            lines=[
                Line(
                    id="",
                    number=number.removesuffix("!"),
                    name=name,
                    quantity=quantity,
                    is_returnable=not number.endswith("!"),
                )
                for quantity, number, name in raw["lines"]
            ],
            shipments=[
                Shipment(
                    carrier=carrier,
                    number=number,
                    url=_TRACKED_AT[carrier].format(number),
                    expected_on=_day(today, expected),
                    delivered_on=_day(today, delivered),
                )
                for carrier, number, expected, delivered in raw.get("parcels", ())
            ],
        )


def _day(today: date, offset: int | None) -> date | None:
    return None if offset is None else today + timedelta(days=offset)
