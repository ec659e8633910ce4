"""Orders from a system with a JSON API."""

from collections.abc import Callable
from datetime import date
from typing import Any

from pydantic import field_validator

from chatbot.systems.asked import address_asked, is_same_address, is_same_number, number_asked
from chatbot.systems.http import Answer, Client
from chatbot.systems.options import Connection, Options, read_options
from chatbot.systems.ports import Line, Order, OrderState
from chatbot.systems.rest.calls import Call
from chatbot.systems.rest.mapping import (
    ShipmentFields,
    Unreadable,
    Where,
    Written,
    choice,
    items,
    named_items,
    text,
    whole,
    yes,
)


class _LineFields(Options):
    at: str = "lines"
    id: Where | None = None  # the number, if it is not told
    number: Where
    name: Where
    quantity: Where
    is_returnable: Where | None = None


class _ShipmentList(ShipmentFields):
    at: str = "shipments"


class _OrderFields(Options):
    number: Where
    email: Where
    placed_on: Where
    state: Where
    expected_on: Where | None = None
    delivered_on: Where | None = None
    name: Where | None = None
    language: Where | None = None
    country: Where | None = None
    lines: _LineFields | None = None
    shipments: _ShipmentList | None = None


class _OrdersOptions(Connection, Written):
    find: Call
    of: Call
    order: _OrderFields
    states: dict[str, OrderState]
    other_state: OrderState | None = None

    @field_validator("find")
    @classmethod
    def _finds_by_number(cls, value: Call) -> Call:
        return value.check(frozenset({"number"}))

    @field_validator("of")
    @classmethod
    def _lists_by_email(cls, value: Call) -> Call:
        return value.check(frozenset({"email"}))

    @field_validator("states")
    @classmethod
    def _in_lower_case(cls, value: dict[str, OrderState]) -> dict[str, OrderState]:
        return {name.strip().lower(): state for name, state in value.items()}


class RestOrders:
    """Orders; what a fuzzy search returns besides what was asked for is dropped."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_OrdersOptions, options, "RestOrders")
        self._client = Client(self._options)

    def find(self, number: str) -> Order | None:
        """Return the order with `number`. Raises SystemFailure."""
        asked = number_asked(number)
        if not asked:
            return None
        call = self._options.find
        answer = call.send(self._client.exchange(), {"number": asked})
        at = self._options.order.number
        fits = self._orders(answer, call, lambda each: is_same_number(text(each, at), asked))
        return fits[0] if fits else None

    def of(self, email: str) -> list[Order]:
        """Return the orders of `email`. Raises SystemFailure."""
        asked = address_asked(email)
        if not asked:
            return []
        call = self._options.of
        answer = call.send(self._client.exchange(), {"email": asked})
        at = self._options.order.email
        fits = self._orders(answer, call, lambda each: is_same_address(text(each, at), asked))
        return sorted(fits, key=lambda order: order.placed_on, reverse=True)[:20]

    def _orders(
        self, answer: Answer | None, call: Call, fits: Callable[[Any], bool]
    ) -> list[Order]:
        if answer is None:
            return []
        try:
            found = named_items(answer.data, call.at, self._options.order.number)
            return [self._order(each) for each in found if fits(each)]
        except Unreadable:
            pass
        raise self._client.failure("malformed", retry=False)

    def _order(self, data: Any) -> Order:
        options, at = self._options, self._options.order
        return Order(
            number=text(data, at.number).removeprefix("#"),
            email=text(data, at.email),
            placed_on=_needed(options.day(data, at.placed_on)),
            state=choice(data, at.state, options.states, options.other_state),
            lines=self._lines(data),
            shipments=tuple(
                at.shipments.read(each, options) for each in items(data, at.shipments.at)
            )
            if at.shipments
            else (),
            expected_on=options.day(data, at.expected_on),
            delivered_on=options.day(data, at.delivered_on),
            name=text(data, at.name),
            language=text(data, at.language),
            country=text(data, at.country).upper()[:2],
        )

    def _lines(self, data: Any) -> tuple[Line, ...]:
        at = self._options.order.lines
        if at is None:
            return ()
        return tuple(
            Line(
                id=text(each, at.id) or text(each, at.number),
                number=text(each, at.number),
                name=text(each, at.name),
                quantity=whole(each, at.quantity) or 0,
                is_returnable=yes(each, at.is_returnable) is not False,
            )
            for each in items(data, at.at)
        )


def _needed(day: date | None) -> date:
    if day is None:
        raise Unreadable
    return day
