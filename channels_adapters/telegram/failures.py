"""What errors of the Bot API mean to us, in words for agents and admins.

Descriptions, where they are shown, are Telegram's own: they have no token and no message in them.
"""

import os
from datetime import timedelta

from django.utils.translation import gettext
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from channels_adapters.base import SendError

# The library asks for this: without it, reading `RetryAfter.retry_after` is deprecated.
os.environ.setdefault("PTB_TIMEDELTA", "true")


def failure(error: TelegramError) -> SendError:
    """Return the error that the core knows; 429, 5xx and the network are worth another try."""
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return SendError(
            gettext("Telegram asks for a pause."),
            permanent=False,
            retry_after=after.total_seconds() if isinstance(after, timedelta) else float(after),
        )
    permanent = _permanent(error)
    if permanent:
        return SendError(permanent, permanent=True)
    return SendError(_passing(error), permanent=False)


def _passing(error: TelegramError) -> str:
    if isinstance(error, Conflict):
        return gettext(
            "Another program asks Telegram for this bot's messages, or has set a webhook. "
            "Stop it, or make a new token at @BotFather."
        )
    if isinstance(error, TimedOut):
        return gettext("Telegram did not answer in time.")
    return gettext("Telegram cannot be reached at the moment.")


def _permanent(error: TelegramError) -> str:
    """Return what is wrong for good; nothing where another try may help."""
    said = error.message
    if isinstance(error, InvalidToken):
        return gettext(
            "Telegram does not know the bot's token. "
            "Copy it from @BotFather into the settings of this channel."
        )
    if isinstance(error, Forbidden):
        return _forbidden(said)
    if "too large" in said.lower() or "too big" in said.lower():
        return gettext("The file is too big for Telegram.")
    if isinstance(error, BadRequest):
        if "chat not found" in said.lower():
            return gettext("Telegram has no such chat: the customer has not written to this bot.")
        return gettext("Telegram refused it: %(reason)s") % {"reason": said}
    return ""


def _forbidden(said: str) -> str:
    lower = said.lower()
    if "blocked" in lower:
        return gettext("The customer has blocked the bot.")
    if "deactivated" in lower:
        return gettext("The customer's Telegram account no longer exists.")
    if "kicked" in lower or "not a member" in lower:
        return gettext("The bot is no longer in this group.")
    if "initiate" in lower:
        return gettext("The customer has to write to the bot first.")
    return gettext("Telegram refused it: %(reason)s") % {"reason": said}
