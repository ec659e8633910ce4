"""The reads of Svar's own shop, as the ports' values."""

import re

from django.contrib.auth.hashers import make_password

from chatbot.systems.models import (
    Account,
    ProductName,
    ShopOrder,
    ShopProduct,
    ShopVariant,
    plain_email,
    plain_number,
)
from chatbot.systems.ports import Line, Order, OrderState, Product, Shipment, Variant
from chatbot.systems.searching import nearest
from chatbot.text import normalise

_MOST_ORDERS = 20
# What customers write before a number: "Order no. 10482", "Bestellnr.: 10482", "# 10482".
_BEFORE = re.compile(
    r"(?:(?:order|ordre|bestilling|beställning|bestellung|auftrag)s?(?=[\W_]|n)[\s.:]*"
    r"|bestell(?=n))?"
    r"(?:(?:number|nummer|num|no|nr|№)(?![a-z])[\s.:]*)?(?:#\s*)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[^\W_]+(?:[-_./ ][^\W_]+)*")
_PART = r"[^\s@\x00\ud800-\udfff]+"  # PostgreSQL takes no NUL, and no half of a pair
_ADDRESS = re.compile(f"{_PART}@{_PART}")


def _numbers_meant(written: str) -> list[str]:
    """Return what number a customer may mean, the likeliest first.

    Whole first: "NO-1001" may be a number itself.
    """
    written = written.strip(" ").rstrip(".,;!")
    meant = (written, written[_BEFORE.match(written).end() :])  # type: ignore[union-attr]  # it matches nothing too
    return [plain_number(each) for each in meant if len(each) <= 60 and _NUMBER.fullmatch(each)]


def order_numbered(number: str) -> Order | None:
    """Return the order with `number`, as customers write it."""
    orders = ShopOrder.objects.prefetch_related("lines", "shipments")
    for plain in _numbers_meant(number):
        found = orders.filter(plain=plain).first()
        if found:
            return _order(found)
    return None


def orders_of(email: str) -> list[Order]:
    """Return the orders of `email`, newest first, at most 20."""
    plain = plain_email(email)
    if not _ADDRESS.fullmatch(plain):
        return []
    found = ShopOrder.objects.prefetch_related("lines", "shipments").filter(email=plain)
    return [_order(order) for order in found[:_MOST_ORDERS]]


def _order(order: ShopOrder) -> Order:
    return Order(
        number=order.number,
        email=order.email,
        placed_on=order.placed_on,
        state=OrderState(order.state),
        lines=tuple(
            Line(
                id=str(line.pk),
                number=line.number,
                name=line.name,
                quantity=line.quantity,
                is_returnable=line.is_returnable,
            )
            for line in order.lines.all()
        ),
        shipments=tuple(
            Shipment(
                carrier=shipment.carrier,
                number=shipment.number,
                url=shipment.url,
                expected_on=shipment.expected_on,
                delivered_on=shipment.delivered_on,
            )
            for shipment in order.shipments.all()
        ),
        expected_on=order.expected_on,
        delivered_on=order.delivered_on,
        name=order.name,
        language=order.language,
        country=order.country,
    )


def active_account(email: str) -> Account | None:
    """Return the account of `email` that may be used."""
    plain = plain_email(email)
    if not _ADDRESS.fullmatch(plain):
        return None
    return Account.objects.filter(email=plain, is_active=True).first()


def account_with_password(email: str, password: str) -> Account | None:
    """Return the account that `email` and `password` open. Takes as long where there is none."""
    account = active_account(email)
    if account is None:
        make_password(password)
        return None
    return account if account.check_password(password) else None


def _in(language: str, names: dict[str, str]) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


def _product(product: ShopProduct, language: str) -> Product:
    return Product(
        number=product.number,
        name=_in(language, {each.language: each.name for each in product.names.all()})
        or product.number,
        url=product.url,
        variants=tuple(
            Variant(
                number=variant.number,
                name=_in(language, variant.names),
                in_stock=variant.available > 0,
                available=variant.available,
                back_on=variant.back_on,
            )
            for variant in product.variants.all()
        ),
    )


def products_like(words: str, language: str) -> list[Product]:
    """Return the products that `words` may mean, in `language`, nearest first, at most 20.

    Reads all names, which suits a shop of some thousand products.
    """
    texts: dict[int, list[str]] = {}
    for key, number, also in ShopProduct.objects.values_list("pk", "number", "also"):
        texts[key] = [number, also]
    for key, name in ProductName.objects.values_list("product_id", "name"):
        texts[key].append(name)
    for key, number, names in ShopVariant.objects.values_list("product_id", "number", "names"):
        texts[key] += [number, *names.values()]
    near = nearest(words, texts)
    rows = ShopProduct.objects.prefetch_related("names", "variants").in_bulk(near)
    return [_product(rows[key], language) for key in near if key in rows]


def product_words() -> frozenset[str]:
    """Return the words that name products and variants, in all languages, normalised."""
    texts = [*ProductName.objects.values_list("name", flat=True)]
    for names in ShopVariant.objects.values_list("names", flat=True):
        texts += names.values()
    return frozenset(
        word
        for text in texts
        for word in normalise(text).split()
        if len(word) >= 3 and not word.isdigit()
    )
