"""Shopify, by its Admin GraphQL API, and its Storefront API for passwords: see docs/systems.md."""

from chatbot.systems.shopify.accounts import ShopifyAccounts
from chatbot.systems.shopify.orders import ShopifyOrders
from chatbot.systems.shopify.returns import ShopifyReturns
from chatbot.systems.shopify.stock import ShopifyStock

__all__ = ["ShopifyAccounts", "ShopifyOrders", "ShopifyReturns", "ShopifyStock"]
