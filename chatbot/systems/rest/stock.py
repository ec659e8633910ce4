"""Stock from a system with a JSON API."""

from typing import Any

from pydantic import field_validator

from chatbot.systems.asked import words_to_try
from chatbot.systems.http import Client
from chatbot.systems.options import Connection, Options, read_options
from chatbot.systems.ports import Product, Variant
from chatbot.systems.rest.calls import Call
from chatbot.systems.rest.mapping import (
    Unreadable,
    Where,
    Written,
    items,
    named_items,
    text,
    web_address,
    whole,
    yes,
)


class _VariantFields(Options):
    number: Where
    name: Where | None = None
    in_stock: Where | None = None  # else: some are available
    available: Where | None = None
    back_on: Where | None = None


class _VariantList(_VariantFields):
    at: str = "variants"


class _ProductFields(_VariantFields):
    """Of a product; its own stock counts where it has no `variants`."""

    name: Where
    url: Where | None = None
    variants: _VariantList | None = None


class _StockOptions(Connection, Written):
    search: Call
    product: _ProductFields

    @field_validator("search")
    @classmethod
    def _searches_words(cls, value: Call) -> Call:
        return value.check(frozenset({"words", "language"}))


class RestStock:
    """What is in stock."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_StockOptions, options, "RestStock")
        self._client = Client(self._options)

    def search(self, words: str, language: str) -> list[Product]:
        """Return the products that `words` may mean. Raises SystemFailure."""
        exchange, call = self._client.exchange(), self._options.search
        for attempt in words_to_try(words):
            answer = call.send(exchange, {"words": attempt, "language": language})
            found = self._products(answer.data) if answer else []
            if found:
                return found
        return []

    def _products(self, data: Any) -> list[Product]:
        options = self._options
        try:
            found = named_items(data, options.search.at, options.product.name)
            return [self._product(each) for each in found[:20]]
        except Unreadable:
            pass
        raise self._client.failure("malformed", retry=False)

    def _product(self, data: Any) -> Product:
        at = self._options.product
        number = text(data, at.number)
        variants = (
            [self._variant(each, at.variants) for each in items(data, at.variants.at)]
            if (at.variants)
            else []
        )
        if not variants:
            variants = [self._variant(data, at)]
        if len(variants) == 1:
            only = variants[0]
            variants = [Variant(only.number, "", only.in_stock, only.available, only.back_on)]
        return Product(
            number=number,
            name=text(data, at.name),
            variants=tuple(variants),
            url=web_address(text(data, at.url)),
        )

    def _variant(self, data: Any, at: _VariantFields) -> Variant:
        available = whole(data, at.available)
        in_stock = yes(data, at.in_stock)
        if in_stock is None:
            if available is None:
                raise Unreadable
            in_stock = available > 0
        return Variant(
            number=text(data, at.number),
            name=text(data, at.name),
            in_stock=in_stock,
            available=None if available is None else max(0, available),
            back_on=self._options.day(data, at.back_on),
        )
