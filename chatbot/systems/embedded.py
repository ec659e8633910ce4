"""The ports over Svar's own tables, for what a company has no system for."""

import logging
from smtplib import SMTPAuthenticationError, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from chatbot.systems import selectors, services
from chatbot.systems.models import Account
from chatbot.systems.ports import Line, Order, Product, ReturnLabel, SystemFailure, Ticket

log = logging.getLogger(__name__)


class EmbeddedOrders:
    """`Orders` of `ShopOrder`."""

    def find(self, number: str) -> Order | None:
        """Return the order with `number`, as customers write it; None if there is none."""
        return selectors.order_numbered(number)

    def of(self, email: str) -> list[Order]:
        """Return the orders of `email` (in any case), newest first, at most 20."""
        return selectors.orders_of(email)


class EmbeddedStock:
    """`Stock` of `ShopProduct` and `ShopVariant`."""

    def search(self, words: str, language: str) -> list[Product]:
        """Return the products that `words` may mean, nearest first, at most 20."""
        return selectors.products_like(words, language)

    def names(self) -> frozenset[str]:
        """Return the words that name products and variants, in all languages, normalised."""
        return selectors.product_words()


class EmbeddedReturns:
    """`Returns` kept as `Return`, with a label of our own."""

    def __init__(self, carrier: str = "") -> None:
        """`carrier` brings all returns; empty: who brought the order brings it back."""
        self.carrier = carrier

    def create(self, order: Order, lines: tuple[Line, ...], *, key: str) -> ReturnLabel:
        """Announce the return and draw its label; the same `key` gives the same one again."""
        from chatbot.systems.labels import draw_label, label_of

        brought = order.shipments[-1].carrier if order.shipments else ""
        announced = services.announce_return(
            order=order, lines=lines, key=key, carrier=self.carrier or brought
        )
        return ReturnLabel(
            number=announced.number,
            carrier=announced.carrier,
            tracking=announced.tracking,
            pdf=draw_label(label_of(announced)),
        )


class EmbeddedTickets:
    """`Tickets` kept as `Case`."""

    def open(self, ticket: Ticket, *, key: str) -> str:
        """Open a case and return its number; the same `key` gives the same case again."""
        return services.open_case(ticket=ticket, key=key).number


class ResetTokens(PasswordResetTokenGenerator):
    """Single-use tokens for customers: none of a user's fits, nor the other way round."""

    key_salt = "chatbot.systems.embedded.ResetTokens"


reset_tokens = ResetTokens()


def _token(account: Account) -> str:
    return reset_tokens.make_token(account)  # type: ignore[arg-type]  # any AbstractBaseUser


class EmbeddedAccounts:
    """`Accounts` of `Account`; the new password is set on a page of ours."""

    def send_reset(self, email: str, language: str) -> None:
        """Send a single-use link to set a new password, if `email` has an active account.

        The mail server is asked in both cases, so that one that is away fails in both. One that
        takes the connection and not the mail fails for an account alone, as "refused".
        Raises SystemFailure.
        """
        try:
            connection = get_connection()
            connection.open()
            try:
                account = selectors.active_account(email)
                if account is not None:
                    _send(account, language, connection)
            finally:
                connection.close()
        except SMTPAuthenticationError as error:
            raise SystemFailure("mail", "unauthorised", retry=False) from error
        except OSError as error:  # smtplib's errors are among these
            raise SystemFailure("mail", "unavailable", retry=True) from error


def reset_link(account: Account, language: str) -> str:
    """Return the address where the owner of `account` sets a new password, once."""
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    path = reverse("account-password", args=(uid, _token(account)))
    return f"{settings.BASE_URL}{path}?language={language}"


def _send(account: Account, language: str, connection: BaseEmailBackend) -> None:
    language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    shown = {
        "name": account.name,
        "link": reset_link(account, language),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "language": language,
    }
    with translation.override(language):
        message = EmailMultiAlternatives(
            subject=_("Choose a new password"),
            body=render_to_string("systems/reset.txt", shown),
            to=[account.email],
            connection=connection,
            # Autoresponders shall not answer, and a mail list shall not carry the link.
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string("systems/reset.html", shown), "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused:
        # Trying again would not help.
        log.warning("The mail server refused the address of account %s.", account.pk)
    except SMTPResponseException as error:
        raise SystemFailure("mail", "refused", retry=True) from error
