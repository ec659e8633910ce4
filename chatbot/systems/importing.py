"""Orders, products and accounts from CSV files. docs/systems-csv.md describes the columns.

What belongs together (the rows of one order, of one product) is taken over whole or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chatbot.systems import services
from chatbot.systems.cells import (
    Reader,
    Row,
    Trouble,
    Unreadable,
    count,
    day,
    rows_of,
    state,
    text,
    yes,
)
from chatbot.systems.models import plain_email, plain_number
from chatbot.systems.ports import Line, Shipment, Variant

MOST_BYTES = 10 * 1024 * 1024
_MOST_TROUBLES = 200
_LANGUAGES = ("en", "da", "sv", "de")


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do. `skipped` things have trouble in one of their rows."""

    created: int = 0
    changed: int = 0
    skipped: int = 0
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file can hold. The column `key` tells things apart, as `plain` compares it.

    `keep` writes one thing and returns whether it is new; it raises ValidationError.
    """

    key: str
    plain: Callable[[str], str]
    columns: Mapping[str, Reader]
    keep: Callable[[Sequence[Row]], bool]


def take_over(*, kind: str, content: bytes, dry_run: bool = False) -> Outcome:
    """Take a CSV file over, or say what that would do; `kind` is one of `KINDS`.

    Never raises for what is in the file: its troubles are in the outcome, by line.
    """
    outcome = Outcome()
    try:
        things = _things(content, KINDS[kind], outcome)
    except Unreadable as error:
        outcome.troubles.append(Trouble(1, str(error)))
        return outcome
    for rows in things:
        try:
            with transaction.atomic():
                is_new = KINDS[kind].keep(rows)
                if dry_run:
                    transaction.set_rollback(True)
        except ValidationError as error:
            outcome.skipped += 1
            outcome.troubles += [Trouble(rows[0].line, told) for told in _told(error)]
        else:
            outcome.created += is_new
            outcome.changed += not is_new
    outcome.troubles = sorted(outcome.troubles, key=lambda each: each.line)[:_MOST_TROUBLES]
    return outcome


def _things(content: bytes, kind: Kind, outcome: Outcome) -> list[list[Row]]:
    """Return the rows of each thing without trouble, in the order of the file."""
    if len(content) > MOST_BYTES:
        told = _("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1024**2}
        raise Unreadable(told)
    rows: dict[str, list[Row | None]] = {}
    found = rows_of(content, kind.columns, key=kind.key, troubles=outcome.troubles)
    for written, row in found:
        rows.setdefault(kind.plain(written), []).append(row)
    whole = [[row for row in its if row is not None] for its in rows.values() if None not in its]
    outcome.skipped = len(rows) - len(whole)
    return whole


def _told(error: ValidationError) -> Iterator[str]:
    for name, errors in error.message_dict.items():
        for each in errors:
            yield f"{name}: {each}"


# --- What a file can hold -------------------------------------------------------------------------
def _first(rows: Sequence[Row], column: str) -> Any:
    """Return the first cell of `column` that is not empty: the rows of a thing may repeat it."""
    return next((row.cells[column] for row in rows if row.cells[column] is not None), None)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given: an empty cell leaves what is there."""
    return {name: value for name, value in values.items() if value is not None}


def _keep_order(rows: Sequence[Row]) -> bool:
    values = {name: _first(rows, name) for name in _ORDER}
    for name, change in (("language", str.lower), ("country", str.upper)):
        values[name] = change(values[name]) if values[name] else None
    lines = [
        Line(
            id="",
            number=cells["article"],
            name=cells["article_name"] or cells["article"],
            quantity=1 if cells["quantity"] is None else cells["quantity"],
            is_returnable=cells["returnable"] is not False,
        )
        for cells in (row.cells for row in rows)
        if cells["article"]
    ]
    shipments = [
        Shipment(
            carrier=cells["carrier"] or "",
            number=cells["parcel"],
            url=cells["parcel_url"] or "",
            expected_on=cells["expected_on"],
            delivered_on=cells["delivered_on"],
        )
        for cells in (row.cells for row in rows)
        if cells["parcel"]
    ]
    return services.save_order(
        number=rows[0].cells["number"], values=_given(values), lines=lines, shipments=shipments
    )


def _keep_product(rows: Sequence[Row]) -> bool:
    variants = [
        (
            Variant(
                number=cells["article"],
                name="",
                in_stock=bool(cells["available"]),
                available=cells["available"],
                back_on=cells["back_on"],
            ),
            _given({language: cells[f"variant_{language}"] for language in _LANGUAGES}),
        )
        for cells in (row.cells for row in rows)
        if cells["article"]
    ]
    return services.save_product(
        number=rows[0].cells["number"],
        names=_given({language: _first(rows, f"name_{language}") for language in _LANGUAGES}),
        url=_first(rows, "url") or "",
        also=_first(rows, "also") or "",
        variants=variants,
    )


def _keep_account(rows: Sequence[Row]) -> bool:
    return services.save_account(
        email=rows[0].cells["email"],
        name=_first(rows, "name") or "",
        is_active=_first(rows, "active"),
    )


_ORDER: dict[str, Reader] = {
    "email": text,
    "name": text,
    "language": text,
    "country": text,
    "placed_on": day,
    "state": state,
    "expected_on": day,
    "delivered_on": day,
}
KINDS = {
    "orders": Kind(
        key="number",
        plain=plain_number,
        columns={
            "number": text,
            **_ORDER,
            "article": text,
            "article_name": text,
            "quantity": count,
            "returnable": yes,
            "carrier": text,
            "parcel": text,
            "parcel_url": text,
        },
        keep=_keep_order,
    ),
    "products": Kind(
        key="number",
        plain=str,
        columns={
            "number": text,
            "url": text,
            "also": text,
            **{f"name_{language}": text for language in _LANGUAGES},
            "article": text,
            **{f"variant_{language}": text for language in _LANGUAGES},
            "available": count,
            "back_on": day,
        },
        keep=_keep_product,
    ),
    "accounts": Kind(
        key="email",
        plain=plain_email,
        columns={"email": text, "name": text, "active": yes},
        keep=_keep_account,
    ),
}
