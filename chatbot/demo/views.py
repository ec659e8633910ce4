"""The demo shop's pages, in four languages, with the widget on them."""

import functools
from pathlib import Path
from typing import Any

import yaml
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request

from chatbot.demo.content import CHANNEL_KEY

_LOCAL = ("price", "teaser", "description", "material")


@functools.cache
def _shop() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parent / "shop.yaml").read_text("utf-8")
    )
    return loaded


def _context(request: HttpRequest) -> dict[str, Any]:
    languages = _shop()["languages"]
    lang = request.GET.get("lang") or get_language_from_request(request)
    lang = lang if lang in languages else "en"
    products = [
        item | {name: item[name][lang] for name in _LOCAL if name in item}
        for item in _shop()["products"]
    ]
    return {"lang": lang, "t": languages[lang], "products": products, "widget_key": CHANNEL_KEY}


def shop(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "demo/shop.html", _context(request))


def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product's page."""
    context = _context(request)
    chosen = next((item for item in context["products"] if item["slug"] == slug), None)
    if chosen is None:
        raise Http404
    return render(request, "demo/product.html", context | {"product": chosen})
