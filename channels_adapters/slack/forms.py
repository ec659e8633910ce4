"""What an admin enters for a Slack channel."""

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_adapters.slack.options import API_URL

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CHANNEL = re.compile(r"[CG][A-Z0-9]{6,}|#?[^\s#A-Z.,/()'\"<>]{1,80}")
_FROM_THE_APP = ("bot_token", "signing_secret", "app_token", "client_id", "client_secret")


class SlackForm(forms.Form):
    """Tokens and secrets of a Slack app. Of those that are kept, `initial` says that they are."""

    way = forms.ChoiceField(
        label=_("how events arrive"),
        choices=[
            ("events", _("Slack calls this server (Events API)")),
            ("socket", _("This server calls Slack (Socket Mode)")),
        ],
        initial="events",
        help_text=_("Socket Mode needs no public address."),
    )
    bot_token = forms.CharField(
        label=_("bot token"),
        required=False,
        widget=forms.PasswordInput,
        help_text=_(
            "Begins with xoxb-: “Bot User OAuth Token” under “OAuth & Permissions” of the Slack "
            "app."
        ),
    )
    signing_secret = forms.CharField(
        label=_("signing secret"),
        required=False,
        widget=forms.PasswordInput,
        help_text=_("Under “Basic Information” of the Slack app. It proves that Slack calls."),
    )
    app_token = forms.CharField(
        label=_("app-level token"),
        required=False,
        widget=forms.PasswordInput,
        help_text=_(
            "Begins with xapp- and has the scope connections:write. For Socket Mode only; under "
            "“Basic Information” of the Slack app."
        ),
    )
    client_id = forms.CharField(
        label=_("client ID"),
        required=False,
        max_length=100,
        help_text=_("For installing the app in further workspaces, with the client secret."),
    )
    client_secret = forms.CharField(
        label=_("client secret"), required=False, widget=forms.PasswordInput
    )
    notice_channel = forms.CharField(
        label=_("channel for notices"),
        required=False,
        max_length=81,
        help_text=_(
            "Where agents hear of customers who wait: its name, or its ID if it is private. "
            "Invite the bot there."
        ),
    )
    api_url = forms.URLField(
        label=_("address of the API"),
        required=False,
        initial=API_URL,
        assume_scheme="https",
        help_text=_("Another one only for GovSlack, or for tests."),
    )

    shown_if: ClassVar[dict[str, str]] = {  # as the admin's theme writes it
        "app_token": "way == 'socket'",
        "signing_secret": "way == 'events'",
    }

    def clean_bot_token(self) -> str:
        """Return the bot token, if it looks like one."""
        return self._token("bot_token", "xoxb-")

    def clean_app_token(self) -> str:
        """Return the app-level token, if it looks like one."""
        return self._token("app_token", "xapp-")

    def clean_notice_channel(self) -> str:
        """Return the name or ID of the channel."""
        value = str(self.cleaned_data.get("notice_channel") or "").strip()
        if value and not _CHANNEL.fullmatch(value):
            raise forms.ValidationError(
                _("Write the channel's name, such as #support, or its ID, such as C0123456789.")
            )
        return value

    def clean_api_url(self) -> str:
        """Return the address of the API with a slash at its end."""
        value = str(self.cleaned_data.get("api_url") or API_URL)
        url = urlsplit(value)
        if url.scheme != "https" and url.hostname not in _LOOPBACK:
            raise forms.ValidationError(_("The address must begin with https://."))
        return value.rstrip("/") + "/"

    def clean(self) -> dict[str, Any]:
        """Return what was entered, if it is enough for the way that was chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(map(self._has, _FROM_THE_APP)):
            return cleaned  # saved for its address, which the manifest of a new app needs
        if not self._has("bot_token") and not self._has("client_id"):
            self.add_error("bot_token", _("Enter the bot token, or the client ID and secret."))
        if self._has("client_id") and not self._has("client_secret"):
            self.add_error("client_secret", _("The client ID needs the client secret."))
        if cleaned.get("way") == "events" and not self._has("signing_secret"):
            self.add_error(
                "signing_secret", _("Without the signing secret nothing from Slack is accepted.")
            )
        if cleaned.get("way") == "socket" and not self._has("app_token"):
            self.add_error("app_token", _("Socket Mode needs the app-level token."))
        return cleaned

    def _has(self, name: str) -> bool:
        # A field with an error of its own needs no second one. An empty secret keeps the old one.
        return bool(self.cleaned_data.get(name) or self.initial.get(name) or name in self.errors)

    def _token(self, name: str, prefix: str) -> str:
        value = str(self.cleaned_data.get(name) or "").strip()
        if value and not re.fullmatch(re.escape(prefix) + r"[A-Za-z0-9-]+", value):
            raise forms.ValidationError(
                _("This token must begin with %(prefix)s."), params={"prefix": prefix}
            )
        return value
