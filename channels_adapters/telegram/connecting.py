"""The test of a bot's token, and the webhook by which Telegram calls this server."""

import secrets
from urllib.parse import urlsplit

from django.utils.translation import gettext
from telegram import WebhookInfo

from channels_adapters.base import Connection, SendError
from channels_adapters.telegram.bot import Remote, SvarBot
from channels_adapters.telegram.forms import PUBLIC_API
from channels_adapters.telegram.updates import ALLOWED

_PORTS = frozenset({443, 80, 88, 8443})
_CONNECTIONS = 20  # that Telegram opens at a time; each is answered as soon as it is recorded


def connect_polling(remote: Remote) -> Connection:
    """Test the token, and take away a webhook that would keep updates from us."""

    async def connecting(bot: SvarBot) -> str:
        me = await bot.get_me()
        await bot.delete_webhook()
        return f"@{me.username}"

    account = remote.call(connecting)
    return Connection(
        account,
        gettext("Connected as %(bot)s. This server asks Telegram for messages.") % {"bot": account},
    )


def connect_webhook(remote: Remote, hook_url: str, secret_token: str) -> Connection:
    """Test the token and have Telegram call `hook_url`. Raises SendError.

    `secret_token` stays as it is where there is one: a new one would be refused until it is saved.
    """
    if remote.base_url == PUBLIC_API:
        _check(hook_url)
    secret_token = secret_token or secrets.token_urlsafe(32)

    async def connecting(bot: SvarBot) -> tuple[str, WebhookInfo]:
        me = await bot.get_me()
        before = await bot.get_webhook_info()
        await bot.set_webhook(
            hook_url,
            secret_token=secret_token,
            allowed_updates=ALLOWED,
            max_connections=_CONNECTIONS,
            drop_pending_updates=False,
        )
        return f"@{me.username}", before

    account, before = remote.call(connecting)
    text = gettext("Connected as %(bot)s. Telegram calls this server.") % {"bot": account}
    if before.url == hook_url and before.last_error_message:
        at = before.last_error_date
        text += " " + gettext("The last time that it could not, on %(when)s: %(reason)s") % {
            "when": f"{at:%Y-%m-%d %H:%M} UTC" if at else "?",
            "reason": before.last_error_message,
        }
    return Connection(account, text, secrets={"secret_token": secret_token})


def _check(hook_url: str) -> None:
    """Refuse what the public Bot API refuses (https://core.telegram.org/bots/webhooks).

    A Bot API server of one's own calls any address.
    """
    parts = urlsplit(hook_url)
    if parts.scheme != "https":
        raise SendError(
            gettext(
                "Telegram calls https addresses only. "
                "Give this server one, or choose that it asks Telegram."
            ),
            permanent=True,
        )
    if (parts.port or 443) not in _PORTS:
        raise SendError(
            gettext("Telegram calls the ports 443, 80, 88 and 8443 only."), permanent=True
        )
