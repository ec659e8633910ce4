"""The pages where a customer who got our link sets a new password."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.encoding import DjangoUnicodeDecodeError, force_str
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from chatbot.systems.embedded import reset_tokens
from chatbot.systems.forms import SetPasswordForm
from chatbot.systems.models import Account


def _language(request: HttpRequest) -> str:
    """Return the language of the link, or what the browser prefers."""
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or "en"


class SetPassword(PasswordResetConfirmView):
    """The form behind the link: it moves the token out of the address before it shows itself."""

    token_generator = reset_tokens
    form_class = SetPasswordForm
    template_name = "systems/password.html"
    success_url = reverse_lazy("account-password-done")

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = _language(self.request)
        with translation.override(language):
            response = super().dispatch(*args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()
        if response.has_header("Location"):
            response["Location"] += f"?language={language}"
        # The form's address no longer holds the token; without a referrer at all browsers send
        # "Origin: null", which the CSRF check refuses.
        response["Referrer-Policy"] = "same-origin" if self.validlink else "no-referrer"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        return {**super().get_context_data(**kwargs), "minutes": minutes}

    def get_user(  # type: ignore[override]  # the parent's stub knows users alone
        self, uidb64: str
    ) -> Account | None:
        try:
            key = int(force_str(urlsafe_base64_decode(uidb64)))
            return Account.objects.filter(pk=key, is_active=True).first()
        except (ValueError, OverflowError, DjangoUnicodeDecodeError):
            return None


@never_cache
def password_done(request: HttpRequest) -> HttpResponse:
    """Say that the new password is set."""
    with translation.override(_language(request)):
        return render(request, "systems/password_done.html")
