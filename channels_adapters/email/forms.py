"""The settings of a mailbox."""

import ipaddress
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from channels_adapters.email.addresses import LOCAL_PART
from channels_adapters.email.webhooks import PROVIDERS

TAG = 32  # characters of "+r" and a token for the largest id that will be


class WayIn(TextChoices):
    """How mail comes to us."""

    IMAP = "imap", _("This server reads the mailbox (IMAP)")
    SMTP = "smtp", _("A mail server delivers here (SMTP)")
    WEBHOOK = "webhook", _("A mail provider calls this server (webhook)")


class Security(TextChoices):
    """How a connection to a mail server is kept from other eyes."""

    SSL = "ssl", _("TLS from the start")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none (on this machine only)")


def _text(label: Any, length: int = 253, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **options)


def _port(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=65535, required=False, help_text=help_text
    )


def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    # Not stripped: a space at an end may be part of a password.
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return _text(label, 500, strip=False, widget=widget, help_text=help_text)


def _security(label: Any, initial: Security) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=Security.choices, initial=initial, required=False)


class EmailForm(forms.Form):
    """`Channel.config` and `Channel.secrets` of a mailbox; see `options.MailOptions`."""

    address = forms.EmailField(
        label=_("address"),
        max_length=254,
        help_text=_("Where customers write to: support@shop.example"),
    )
    display_name = _text(
        _("name of the sender"), 100, help_text=_("Empty: the name of the channel.")
    )
    plus_addressing = forms.BooleanField(
        label=_("addresses with +"),
        required=False,
        initial=True,
        help_text=_(
            "Replies go to support+r…@shop.example, which finds the conversation in any case. "
            "Turn it off where your mail server does not deliver such addresses."
        ),
    )
    trusted_authserv = _text(
        _("trusted checks"),
        500,
        help_text=_(
            "The name that your own mail server writes first in Authentication-Results, such as "
            "mx.shop.example. Its results for SPF, DKIM and DMARC are believed, and no others."
        ),
    )
    way_in = forms.ChoiceField(label=_("way in"), choices=WayIn.choices, initial=WayIn.IMAP)

    imap_host = _text(_("IMAP server"))
    imap_port = _port(_("IMAP port"), _("Empty: 993 with TLS from the start, else 143."))
    imap_security = _security(_("IMAP security"), Security.SSL)
    imap_user = _text(_("IMAP user name"), 254, help_text=_("Empty: the address."))
    imap_password = _secret(
        _("IMAP password"), _("With two-step verification: an app password of the provider.")
    )
    imap_folder = _text(
        _("folder"),
        200,
        initial="INBOX",
        help_text=_(
            "What is read in it already when the mailbox is connected stays out. Mails that "
            "are taken over are marked as read."
        ),
    )
    imap_poll_seconds = forms.IntegerField(
        label=_("look every … seconds"),
        min_value=5,
        max_value=3600,
        initial=30,
        required=False,
        help_text=_("Only where the server cannot tell of new mail itself (IDLE)."),
    )

    smtp_listen_host = _text(
        _("receive on"),
        initial="127.0.0.1",
        help_text=_("An address of this machine; 0.0.0.0 is all of them."),
    )
    smtp_listen_port = _port(_("receive on port"), _("Empty: 25."))
    smtp_certificate = _text(
        _("certificate"), 500, help_text=_("A PEM file on this machine. Empty: no STARTTLS.")
    )
    smtp_private_key = _text(
        _("private key"), 500, help_text=_("A PEM file. Empty: it is with the certificate.")
    )

    webhook_provider = forms.ChoiceField(
        label=_("provider"),
        required=False,
        choices=[("", "---------"), *((key, one.name) for key, one in PROVIDERS.items())],
    )
    webhook_secret = _secret(
        _("webhook secret"),
        _(
            "Mailgun, MailerSend, Mandrill and Postal show a key for their webhooks. For the "
            "others, make a password of letters and digits: it becomes a part of the address."
        ),
    )
    webhook_api_key = _secret(_("API key"), _("Brevo alone: attachments are fetched with it."))

    out_host = _text(
        _("outgoing server (SMTP)"), help_text=_("Empty: the way that this server sends mail.")
    )
    out_port = _port(_("outgoing port"), _("Empty: 587 with STARTTLS, 465 with TLS."))
    out_security = _security(_("outgoing security"), Security.STARTTLS)
    out_user = _text(_("outgoing user name"), 254, help_text=_("Empty: no login."))
    out_password = _secret(_("outgoing password"))

    # What the way in that was chosen does not need, is not asked: as the admin's theme writes it.
    shown_if: ClassVar[dict[str, str]] = {
        name: f"way_in == '{way}'"
        for way, names in {
            WayIn.IMAP: (
                "imap_host",
                "imap_port",
                "imap_security",
                "imap_user",
                "imap_password",
                "imap_folder",
                "imap_poll_seconds",
            ),
            WayIn.SMTP: (
                "smtp_listen_host",
                "smtp_listen_port",
                "smtp_certificate",
                "smtp_private_key",
            ),
            WayIn.WEBHOOK: ("webhook_provider", "webhook_secret", "webhook_api_key"),
        }.items()
        for name in names
    }

    def clean_address(self) -> str:
        """Return the address with its domain as mail servers write it (RFC 5891)."""
        local, _at, domain = str(self.cleaned_data["address"]).rpartition("@")
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
        return f"{local}@{domain.lower()}"

    def clean(self) -> dict[str, Any]:
        """Return the settings, complete for the way in that was chosen."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self._need_for_way_in(data)
        for kind in ("imap", "out"):
            self._check_security(data, kind)
        self._check_certificate(data)
        local = str(data.get("address") or "").rpartition("@")[0]
        if data.get("plus_addressing") and len(local.encode()) + TAG > LOCAL_PART:
            self.add_error(
                "plus_addressing",
                _("The address is too long for that: the part before the @ may have 64 letters."),
            )
        return data

    def _need_for_way_in(self, data: dict[str, Any]) -> None:
        needed = {
            WayIn.IMAP: ("imap_host", _("Write the name of the IMAP server.")),
            WayIn.SMTP: ("smtp_listen_host", _("Write the address to receive on.")),
            WayIn.WEBHOOK: ("webhook_provider", _("Choose the provider that calls.")),
        }
        found = needed.get(data.get("way_in", ""))
        if found and not data.get(found[0]) and found[0] not in self.errors:
            self.add_error(*found)

    def _check_security(self, data: dict[str, Any], kind: str) -> None:
        host = data.get(f"{kind}_host") or ""
        if host and data.get(f"{kind}_security") == Security.NONE and not _is_loopback(host):
            self.add_error(
                f"{kind}_security",
                _("The password and all mails would cross the network for all to read."),
            )

    def _check_certificate(self, data: dict[str, Any]) -> None:
        for name in ("smtp_certificate", "smtp_private_key"):
            path = data.get(name)
            if path and not Path(path).is_file():
                self.add_error(name, ValidationError(_("There is no such file on this machine.")))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
