"""What our mails say besides the messages, in the reader's language (`translation.override`)."""

from django.utils.translation import gettext


def from_shop(*, person: str, shop: str) -> str:
    """The sender's name of a mail that a person wrote."""
    return gettext("%(person)s from %(shop)s") % {"person": person, "shop": shop}


def your_message(*, shop: str) -> str:
    """The subject where the customer's mail had none."""
    return gettext("Your message to %(shop)s") % {"shop": shop}


def message_from(*, shop: str) -> str:
    """The subject of a conversation that we begin."""
    return gettext("A message from %(shop)s") % {"shop": shop}


def sources() -> str:
    """Above the pages that an answer is taken from."""
    return gettext("Read more")
