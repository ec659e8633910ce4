"""The writes of Svar's own shop."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from chatbot.systems.models import (
    Account,
    Case,
    ProductName,
    Return,
    ShopOrder,
    ShopOrderLine,
    ShopProduct,
    ShopShipment,
    ShopVariant,
    plain_email,
    plain_number,
)
from chatbot.systems.ports import Line, Order, Shipment, Ticket, Variant

_FIRST_NUMBER = 10_000


def _unnumbered() -> str:
    """Return what stands for the number until the row's own is known."""
    return f"new-{uuid.uuid4()}"


# --- Returns and cases --------------------------------------------------------------------------
def announce_return(*, order: Order, lines: Sequence[Line], key: str, carrier: str = "") -> Return:
    """Keep that `lines` of `order` come back; the same `key` gives the same return again.

    The parcel number is the return's own with a check digit: what the carrier calls the parcel
    is known only when it has it, and can be filled in then.
    """
    with transaction.atomic():
        announced, is_new = Return.objects.get_or_create(
            key=key,
            defaults={
                "number": _unnumbered(),
                "order": ShopOrder.objects.filter(plain=plain_number(order.number)).first(),
                "order_number": order.number,
                "email": plain_email(order.email),
                "name": order.name,
                "language": order.language,
                "lines": [
                    {"number": line.number, "name": line.name, "quantity": line.quantity}
                    for line in lines
                ],
                "carrier": carrier,
            },
        )
        if is_new:
            announced.number = f"R-{_FIRST_NUMBER + announced.pk}"
            announced.tracking = _with_check_digit(f"{announced.pk:010d}")
            announced.save(update_fields=["number", "tracking"])
    return announced


def _with_check_digit(digits: str) -> str:
    """Return `digits` with GS1's check digit (weights 3 and 1 from the right)."""
    total = sum(int(d) * (3, 1)[place % 2] for place, d in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def open_case(*, ticket: Ticket, key: str) -> Case:
    """Keep a case; the same `key` gives the same case again."""
    with transaction.atomic():
        case, is_new = Case.objects.get_or_create(
            key=key,
            defaults={
                "number": _unnumbered(),
                "kind": ticket.kind,
                "subject": ticket.subject[:200],
                "text": ticket.text,
                "facts": [list(fact) for fact in ticket.facts],
                "email": plain_email(ticket.email),
                "language": ticket.language,
                "conversation": ticket.conversation,
            },
        )
        if is_new:
            case.number = f"K-{_FIRST_NUMBER + case.pk}"
            case.save(update_fields=["number"])
    return case


# --- Accounts -----------------------------------------------------------------------------------
def save_account(*, email: str, name: str = "", is_active: bool | None = None) -> bool:
    """Make or change the account of `email`; return whether it is new.

    An empty `name` and None leave what is there. A new account has no password: its owner asks
    for a link. Raises ValidationError.
    """
    email = plain_email(email)
    with transaction.atomic():
        account = Account.objects.filter(email=email).first()
        is_new = account is None
        if account is None:
            account = Account(email=email)
            account.set_unusable_password()
        account.name = name or account.name
        account.is_active = account.is_active if is_active is None else is_active
        account.clean_fields()
        account.save()
    return is_new


def set_password(*, account: Account, password: str) -> None:
    """Give `account` a new password, which ends its links and its logins elsewhere."""
    account.set_password(password)
    account.save(update_fields=["password"])


# --- Orders and products ------------------------------------------------------------------------
def save_order(
    *,
    number: str,
    values: Mapping[str, Any],
    lines: Sequence[Line] = (),
    shipments: Sequence[Shipment] = (),
) -> bool:
    """Make or change the order `number`; return whether it is new.

    `values` are fields of `ShopOrder` by name. A line is known by its article number, a parcel
    by carrier and number; those that are not named stay. Raises ValidationError.
    """
    with transaction.atomic():
        order = ShopOrder.objects.filter(plain=plain_number(number)).first()
        is_new = order is None
        order = order or ShopOrder(number=number.strip())
        for name, value in values.items():
            setattr(order, name, value)
        order.plain = plain_number(order.number)
        order.clean_fields()
        order.save()
        for line in lines:
            _save_line(order, line)
        for shipment in shipments:
            _save_shipment(order, shipment)
    return is_new


def _save_line(order: ShopOrder, line: Line) -> None:
    row = order.lines.filter(number=line.number).first() or ShopOrderLine(
        order=order, number=line.number
    )
    row.name, row.quantity, row.is_returnable = line.name, line.quantity, line.is_returnable
    row.clean_fields()
    row.save()


def _save_shipment(order: ShopOrder, shipment: Shipment) -> None:
    named = {"carrier": shipment.carrier, "number": shipment.number}
    row = order.shipments.filter(**named).first() or ShopShipment(order=order, **named)
    row.url = shipment.url or row.url
    row.expected_on = shipment.expected_on or row.expected_on
    row.delivered_on = shipment.delivered_on or row.delivered_on
    row.clean_fields()
    row.save()


def save_product(
    *,
    number: str,
    names: Mapping[str, str],
    url: str = "",
    also: str = "",
    variants: Sequence[tuple[Variant, Mapping[str, str]]] = (),
) -> bool:
    """Make or change the product `number`; return whether it is new.

    `names` are by language, and so are those beside each variant, whose own name is not read.
    What is empty or not named stays as it is. Raises ValidationError.
    """
    with transaction.atomic():
        product = ShopProduct.objects.filter(number=number).first()
        is_new = product is None
        product = product or ShopProduct(number=number)
        product.url, product.also = url or product.url, also or product.also
        product.clean_fields()
        product.save()
        for language, name in names.items():
            row = ProductName(product=product, language=language, name=name)
            row.clean_fields(exclude=["product"])
            ProductName.objects.update_or_create(
                product=product, language=language, defaults={"name": name}
            )
        for variant, its_names in variants:
            _save_variant(product, variant, its_names)
    return is_new


def _save_variant(product: ShopProduct, variant: Variant, names: Mapping[str, str]) -> None:
    row = ShopVariant.objects.filter(number=variant.number).first() or ShopVariant(
        number=variant.number
    )
    row.product = product
    row.names = {**row.names, **names}
    row.available = variant.available if variant.available is not None else row.available
    row.back_on = variant.back_on
    row.clean_fields()
    row.save()
