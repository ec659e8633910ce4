"""Which implementation stands behind each port: `settings.SYSTEMS`, by dotted path and options."""

import functools
import os
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from chatbot.systems.ports import Accounts, Orders, Returns, Stock, Texts, Tickets, Tracking
from chatbot.systems.tracking_pages import plain_carrier


def _secrets_filled_in(value: Any) -> Any:
    """Return `value` with each string "env:NAME" replaced by that environment variable.

    Raises KeyError for one that is not set: a system without its key is better not started.
    """
    if isinstance(value, dict):
        return {name: _secrets_filled_in(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_secrets_filled_in(each) for each in value]
    if isinstance(value, str) and value.startswith("env:"):
        return os.environ[value.removeprefix("env:")]
    return value


@functools.cache
def made(port: str) -> Any:
    """Return the implementation behind `port`, None where there is none.

    Raises KeyError for a secret that is not set, and what the implementation says of its options.
    """
    described = settings.SYSTEMS.get(port)
    if not described:
        return None
    made = import_string(described["class"])
    return made(**_secrets_filled_in(described.get("options", {})))


def accounts() -> Accounts | None:
    """Return the accounts, if a system has them."""
    return cast(Accounts | None, made("accounts"))


def orders() -> Orders | None:
    """Return the orders, if a system has them."""
    return cast(Orders | None, made("orders"))


def stock() -> Stock | None:
    """Return the stock, if a system has it."""
    return cast(Stock | None, made("stock"))


def returns() -> Returns | None:
    """Return the returns, if a system has them."""
    return cast(Returns | None, made("returns"))


def tickets() -> Tickets | None:
    """Return the cases, if a system has them."""
    return cast(Tickets | None, made("tickets"))


def texts() -> Texts | None:
    """Return what sends text messages, if something does."""
    return cast(Texts | None, made("texts"))


def tracking(carrier: str) -> Tracking | None:
    """Return who follows the parcels of `carrier`, however it is written, if somebody does."""
    return cast(Tracking | None, made(f"tracking:{plain_carrier(carrier)}"))


def forget() -> None:
    """Make the systems anew at their next use, after a change of settings."""
    made.cache_clear()
