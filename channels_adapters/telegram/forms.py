"""The settings of a Telegram bot."""

import ipaddress
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

PUBLIC_API = "https://api.telegram.org"


class Way(TextChoices):
    """How updates come to us; Telegram allows one of them at a time."""

    WEBHOOK = "webhook", _("Telegram calls this server")
    POLLING = "polling", _("This server asks Telegram (for machines that no one can reach)")


class TelegramForm(forms.Form):
    """Settings of a Telegram channel. Where a token is kept, `initial` says so, and it stays."""

    token = forms.CharField(
        label=_("token of the bot"),
        max_length=120,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        validators=[
            RegexValidator(
                r"\A[0-9]{5,16}:[A-Za-z0-9_-]{30,100}\Z",
                _("This is no token of a bot. Copy all of it from @BotFather."),
            )
        ],
        help_text=_("Write to @BotFather in Telegram: /newbot makes a bot and shows its token."),
    )
    way = forms.ChoiceField(
        label=_("how messages arrive"), choices=Way.choices, initial=Way.WEBHOOK
    )
    base_url = forms.CharField(
        label=_("address of the Bot API"),
        max_length=200,
        required=False,
        initial=PUBLIC_API,
        help_text=_("Another one only if you run a Bot API server of your own."),
    )

    def clean_token(self) -> str:
        """Return the token; nothing where the one that is kept stays. Raises ValidationError."""
        value = str(self.cleaned_data["token"])
        if not value and not self.initial.get("token"):
            raise ValidationError(self.fields["token"].error_messages["required"])
        return value

    def clean_base_url(self) -> str:
        """Return the address without a slash at its end. Raises ValidationError."""
        value = str(self.cleaned_data["base_url"]).strip().rstrip("/") or PUBLIC_API
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if (
            not host
            or parts.scheme not in ("http", "https")
            or "@" in parts.netloc
            or parts.query
            or parts.fragment
        ):
            raise ValidationError(_("Write an address such as https://api.telegram.org."))
        if parts.scheme == "http" and not _is_near(host):
            raise ValidationError(
                _("Use https: the bot's token would cross the network for all to read.")
            )
        return value


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or on a network of the operator's own."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".internal"))
