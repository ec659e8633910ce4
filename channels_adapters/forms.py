"""One form for a channel's own columns and the fields of its adapter."""

import functools
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminPasswordInput,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from channels_adapters.base import NamesAccount
from chatbot.adapters import adapter_class
from chatbot.conversations.models import Channel


@functools.cache
def channel_form(kind: str) -> "type[forms.ModelForm[Channel]]":
    """Return the form of channels of `kind`."""
    adapter = adapter_class(kind)

    class ChannelForm(adapter.form, forms.ModelForm):  # type: ignore[misc, name-defined, type-arg]  # by kind
        """Reads the adapter's settings from the channel, and writes them back."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            channel = kwargs.get("instance")
            kept = dict(channel.secrets) if channel is not None else {}
            known = dict(channel.config) if channel is not None else {}
            # A form sees that a secret is kept, not what it is.
            has = {name: "kept" for name in adapter.secret_fields if kept.get(name)}
            kwargs["initial"] = {**known, **has, **(kwargs.get("initial") or {})}
            super().__init__(*args, **kwargs)
            for name in adapter.form.base_fields:
                field = self.fields[name]
                field.label = capfirst(str(field.label))  # as Django writes those of columns
                field.widget = _dressed(field)
                if name in has:
                    field.required = False
                    field.widget.attrs["placeholder"] = _("Kept. Write another one to change it.")

        def save(self, commit: bool = True) -> Channel:
            channel: Channel = self.instance
            own = {name: self.cleaned_data.get(name) for name in adapter.form.base_fields}
            secret = {name: own.pop(name) for name in adapter.secret_fields if name in own}
            channel.secrets = {
                **channel.secrets,
                **{name: str(value) for name, value in secret.items() if value},
            }
            channel.config = {**channel.config, **own}
            made = adapter(channel)
            if isinstance(made, NamesAccount):
                channel.account = str(own[made.account_field])
            saved: Channel = super().save(commit)
            return saved

    return ChannelForm


def _dressed(field: forms.Field) -> forms.Widget:
    """Return the widget of a field as the admin's theme draws it."""
    old, attrs = field.widget, dict(field.widget.attrs)
    dressed: forms.Widget
    if isinstance(old, forms.PasswordInput):
        dressed = UnfoldAdminPasswordInput(attrs={**attrs, "autocomplete": "new-password"})
    elif isinstance(old, forms.Select):
        dressed = UnfoldAdminSelectWidget(attrs=attrs, choices=old.choices)
    elif isinstance(old, forms.CheckboxInput):
        dressed = UnfoldBooleanSwitchWidget(attrs=attrs)
    elif isinstance(old, forms.Textarea):
        dressed = UnfoldAdminTextareaWidget(attrs=attrs)
    else:
        kind = {"type": getattr(old, "input_type", "text")}
        dressed = UnfoldAdminTextInputWidget(attrs={**attrs, **kind})
    return dressed
