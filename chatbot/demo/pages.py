"""What all pages of the demo shop share: its words, its products, the reader's language."""

import functools
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import yaml
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_language_from_request

from chatbot.demo.content import CHANNEL_KEY

_LOCAL = ("price", "teaser", "description", "material")


@functools.cache
def _shop() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parent / "shop.yaml").read_text("utf-8")
    )
    return loaded


def language_of(request: HttpRequest) -> str:
    """Return the language that was chosen on the page, or what the browser prefers."""
    asked = request.GET.get("lang") or get_language_from_request(request)
    return asked if asked in _shop()["languages"] else "en"


def in_language(request: HttpRequest) -> AbstractContextManager[Any]:
    """Make Django's own translations follow the shop's language."""
    return translation.override(language_of(request))


def shop_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page of the shop needs."""
    lang = language_of(request)
    products = [
        item | {name: item[name][lang] for name in _LOCAL if name in item}
        for item in _shop()["products"]
    ]
    return {
        "lang": lang,
        "t": _shop()["languages"][lang],
        "products": products,
        "widget_key": CHANNEL_KEY,
    }
