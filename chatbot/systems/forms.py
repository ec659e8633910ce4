"""What is filled in: new passwords on customers' pages, files of orders in the admin."""

from typing import cast

from django import forms
from django.contrib.auth.forms import SetPasswordForm as DjangosSetPasswordForm
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from chatbot.systems import services
from chatbot.systems.models import Account


class SetPasswordForm(DjangosSetPasswordForm):  # type: ignore[type-arg]  # no subscript at run time
    """A new password, twice, checked by `settings.AUTH_PASSWORD_VALIDATORS`."""

    def save(self, commit: bool = True) -> Account:
        account = cast(Account, self.user)
        services.set_password(account=account, password=self.cleaned_data["new_password1"])
        return account


class ImportForm(forms.Form):
    """A CSV file, to be taken over or only looked at."""

    file = forms.FileField(label=_("CSV file"), widget=UnfoldAdminFileFieldWidget)
    dry_run = forms.BooleanField(
        label=_("Only check the file"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )
