"""Questions to Shopify's GraphQL APIs, with their own kinds of errors.

https://shopify.dev/docs/api/admin-graphql#status_and_error_codes and
https://shopify.dev/docs/api/usage/limits: errors come with HTTP 200, and a question that costs
more than is left of the bucket is answered THROTTLED.
"""

import time
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from chatbot.systems.http import Client
from chatbot.systems.http import Exchange as HttpExchange
from chatbot.systems.options import Connection
from chatbot.systems.ports import SystemFailure

Model = TypeVar("Model", bound=BaseModel)

_KINDS = {
    "ACCESS_DENIED": ("unauthorised", False),
    "UNAUTHORIZED": ("unauthorised", False),
    "INTERNAL_SERVER_ERROR": ("unavailable", True),
    "TIMEOUT": ("timeout", True),
    "SHOP_INACTIVE": ("refused", False),
    "MAX_COST_EXCEEDED": ("refused", False),
}


class Read(BaseModel):
    """A part of an answer; what we do not need is passed over."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", hide_input_in_errors=True)


class UserErrors(Read):
    """What Shopify says is wrong with a mutation; its words may be personal and are not kept."""

    code: str | None = None


class ShopOptions(Connection):
    """A shop: `base_url` is https://your-shop.myshopify.com."""

    name: str = "Shopify"
    token: str = Field(min_length=1)
    api_version: str = Field("2026-07", pattern=r"^(\d{4}-\d{2}|unstable)$")


class GraphQL:
    """One of a shop's APIs."""

    def __init__(self, options: ShopOptions, path: str, header: str) -> None:
        self.client = Client(options, headers={header: options.token})
        self._path = path

    def exchange(self) -> HttpExchange:
        """Begin a call: all its questions share one deadline."""
        return self.client.exchange()

    def ask(
        self,
        exchange: HttpExchange,
        into: type[Model],
        document: str,
        variables: Mapping[str, Any],
        *,
        repeatable: bool = True,
    ) -> Model:
        """Return the `data` of the answer; `repeatable` is False for mutations.

        Raises SystemFailure.
        """
        while True:
            answer = exchange.ask(
                "POST",
                self._path,
                json={"query": document, "variables": dict(variables)},
                repeatable=repeatable,
                missing=frozenset(),
            )
            body = answer.data if answer else None
            if not isinstance(body, dict):
                raise self.client.failure("malformed", retry=False)
            errors = body.get("errors")
            if not errors:
                return self.client.parse(into, body.get("data"))
            if not _has(errors, "THROTTLED"):
                raise self._failure(errors)
            # What was throttled was not carried out, so a mutation may be asked again too.
            pause = _until_restored(body)
            if pause >= exchange.deadline.left():
                raise self.client.failure("rate_limited", retry=True)
            time.sleep(pause)

    def refuse(self) -> SystemFailure:
        """Return the failure of a mutation that Shopify will not carry out."""
        return self.client.failure("refused", retry=False)

    def _failure(self, errors: Any) -> SystemFailure:
        for code, (kind, retry) in _KINDS.items():
            if _has(errors, code):
                return self.client.failure(kind, retry=retry)
        return self.client.failure("refused", retry=False)


def _has(errors: Any, code: str) -> bool:
    return isinstance(errors, list) and any(
        isinstance(error, dict)
        and isinstance(error.get("extensions"), dict)
        and error["extensions"].get("code") == code
        for error in errors
    )


def _until_restored(body: Mapping[str, Any]) -> float:
    """Return the seconds until the bucket holds what the question costs; 1 if it is not said."""
    try:
        cost = body["extensions"]["cost"]
        status = cost["throttleStatus"]
        lacking = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(0.05, lacking / float(status["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 1.0


def quoted(value: str) -> str:
    """Return `value` as a phrase of Shopify's search syntax, in which nothing is an operator.

    https://shopify.dev/docs/api/usage/search-syntax
    """
    plain = "".join(char if char.isprintable() else " " for char in value)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
