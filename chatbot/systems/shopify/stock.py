"""Stock from Shopify."""

import re
from typing import Any

from chatbot.systems.asked import words_to_try
from chatbot.systems.options import read_options
from chatbot.systems.ports import Product, Variant
from chatbot.systems.shopify.graphql import GraphQL, Read, ShopOptions, quoted

# https://shopify.dev/docs/api/admin-graphql/2026-07/queries/products
_PRODUCTS = """
query Products($query: String!, $language: String!, $translated: Boolean!) {
  products(first: 10, query: $query) {
    nodes {
      title handle onlineStoreUrl
      translations(locale: $language) @include(if: $translated) { key value }
      variants(first: 20) {
        nodes { sku title availableForSale inventoryQuantity inventoryItem { tracked } }
      }
    }
  }
}
"""
_ONLY = "Default Title"  # of a product without options
_MOST_WORDS = 6


class _Item(Read):
    tracked: bool = False


class _Variant(Read):
    sku: str | None = None
    title: str
    available_for_sale: bool
    inventory_quantity: int | None = None
    inventory_item: _Item | None = None


class _Variants(Read):
    nodes: list[_Variant]


class _Translation(Read):
    key: str
    value: str | None = None


class _Product(Read):
    title: str
    handle: str
    online_store_url: str | None = None
    translations: list[_Translation] = []
    variants: _Variants


class _Products(Read):
    nodes: list[_Product]


class _Answer(Read):
    products: _Products


class _StockOptions(ShopOptions):
    translated: bool = False  # needs the scope read_translations


class ShopifyStock:
    """Stock of a shop, over all its locations. The token needs read_products, read_inventory."""

    def __init__(self, **options: Any) -> None:
        self._options = read_options(_StockOptions, options, "ShopifyStock")
        self._api = GraphQL(
            self._options,
            f"/admin/api/{self._options.api_version}/graphql.json",
            "X-Shopify-Access-Token",
        )

    def search(self, words: str, language: str) -> list[Product]:
        """Return the products that `words` may mean. Raises SystemFailure."""
        exchange = self._api.exchange()
        for attempt in words_to_try(words):
            variables = {
                "query": _query(attempt),
                "language": language,
                "translated": self._options.translated,
            }
            found = self._api.ask(exchange, _Answer, _PRODUCTS, variables).products.nodes
            if found:
                return [_product(each) for each in found[:20]]
        return []


def _query(words: str) -> str:
    """Return a search for active products by beginnings of words of their title, or by SKU."""
    # Only letters and digits go unquoted, in lower case: OR, AND and NOT are operators else.
    titles = [f"title:{word}*" for word in re.findall(r"[^\W_]+", words.lower())[:_MOST_WORDS]]
    by_sku = f"sku:{quoted(words)}"
    by_title = f"({' AND '.join(titles)}) OR " if titles else ""
    return f"status:active AND ({by_title}{by_sku})"


def _product(product: _Product) -> Product:
    translated = {each.key: each.value for each in product.translations}
    variants = tuple(map(_variant, product.variants.nodes))
    return Product(
        number=variants[0].number if len(variants) == 1 else product.handle,
        name=translated.get("title") or product.title,
        variants=variants,
        url=product.online_store_url or "",
    )


def _variant(variant: _Variant) -> Variant:
    is_counted = variant.inventory_item is not None and variant.inventory_item.tracked
    count = max(0, variant.inventory_quantity or 0) if is_counted else None
    return Variant(
        number=variant.sku or "",
        name="" if variant.title == _ONLY else variant.title,
        in_stock=variant.available_for_sale if count is None else count > 0,
        available=count,
    )
