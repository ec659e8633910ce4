"""What an admin sets for an HTTP channel."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from channels_adapters.http import signing


class HttpForm(forms.Form):
    """Where messages go, and what they are signed with."""

    url = forms.URLField(
        label=_("Address to send to"),
        assume_scheme="https",
        help_text=_("Svar posts what the bot and people answer there, signed."),
    )
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        widget=forms.PasswordInput(),
        help_text=_(
            "Signs messages both ways, as Standard Webhooks describes: whsec_ and at least 24 "
            "bytes in base64."
        ),
    )

    shown_once: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Make a secret where there is none yet; it is shown this once."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("secret") and not self.initial.get("secret"):
            cleaned["secret"] = signing.new_secret()
            told = _("The secret is %(secret)s. Copy it now: it is not shown again.")
            self.shown_once = (str(told) % {"secret": cleaned["secret"]},)
        return cleaned

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if not secret:
            return secret
        try:
            signing.key_of(secret)
        except signing.BadSignature as error:
            raise ValidationError(
                _("This is no such secret. It begins with whsec_ and is long enough.")
            ) from error
        return secret
