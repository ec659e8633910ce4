"""Customers' passwords in Shopify."""

from typing import Any

from chatbot.systems.asked import address_asked
from chatbot.systems.options import read_options
from chatbot.systems.shopify.graphql import GraphQL, Read, ShopOptions, UserErrors

# https://shopify.dev/docs/api/storefront/2026-07/mutations/customerRecover
_RECOVER = """
mutation Recover($email: String!) {
  customerRecover(email: $email) { customerUserErrors { code } }
}
"""
_NO_ACCOUNT = frozenset({"UNIDENTIFIED_CUSTOMER", "CUSTOMER_DISABLED", "INVALID", "NOT_FOUND"})


class _Payload(Read):
    customer_user_errors: list[UserErrors] = []


class _Recovered(Read):
    customer_recover: _Payload | None = None


class _AccountsOptions(ShopOptions):
    """`token` is a private access token of the Storefront API."""


class ShopifyAccounts:
    """Has Shopify send the link, in shops with classic customer accounts.

    The token needs the scope unauthenticated_write_customers. Shopify limits how many links one
    address of the internet may ask for; all our requests come from one, so a busy shop may meet
    the limit (rate_limited). New customer accounts have no passwords: there is nothing to reset.
    The link comes in the customer's language, whatever `language` says.
    """

    def __init__(self, **options: Any) -> None:
        read = read_options(_AccountsOptions, options, "ShopifyAccounts")
        self._api = GraphQL(
            read, f"/api/{read.api_version}/graphql.json", "Shopify-Storefront-Private-Token"
        )

    def send_reset(self, email: str, language: str) -> None:
        """Ask for the link; an answer that there is no account counts as done.

        Raises SystemFailure.
        """
        asked = address_asked(email)
        if not asked:
            return
        answer = self._api.ask(
            self._api.exchange(), _Recovered, _RECOVER, {"email": asked}, repeatable=False
        )
        if answer.customer_recover is None:
            raise self._api.refuse()
        errors = answer.customer_recover.customer_user_errors
        if any(error.code is None for error in errors):
            # "Resetting password limit exceeded" comes without a code.
            raise self._api.client.failure("rate_limited", retry=True)
        if any(error.code not in _NO_ACCOUNT for error in errors):
            raise self._api.refuse()
