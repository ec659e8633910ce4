"""Channels: websites, bots, workspaces and mailboxes, each with its own settings and its health."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from channels_adapters import connecting
from channels_adapters.base import AcceptsHooks, Connects, HasLinks, TellsWhere
from channels_adapters.forms import channel_form
from channels_adapters.hours_forms import field_of
from chatbot.adapters import adapter_class
from chatbot.conversations.models import WEBSITE, Channel, ChannelHealth
from chatbot.conversations.models.channel import kinds

_HOW_TO_SIGN = """import jwt, time

token = jwt.encode(
    {"sub": str(user.id), "email": user.email, "exp": int(time.time()) + 3600},
    IDENTITY_SECRET,
    algorithm="HS256",
)

<script async src="https://support.example.com/widget/v1/loader.js"
  data-key="KEY" data-identity="{{ token }}"></script>"""
_example = lazy(format_html, str)

_SHARED = ("name", "is_active", "bot_name", "language")
_WEBSITE = ("key", "accent", "allowed_origins", "mailbox")
_PEOPLE = ("reply_minutes", "threshold", "people_first", "offer_bot_seconds")
_OPENING = ("opening_hours", "holidays", "closed_days", "away_messages")
_RATINGS = ("asks_rating", "nps_days")


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ("name", "kind_name", "account", "is_active", "how_it_is", "last_in", "last_out")
    list_select_related = ("health",)
    list_filter = ("kind", "is_active")
    search_fields = ("name", "account")
    actions_submit_line = ("save_and_connect",)

    @property
    def conditional_fields(self) -> dict[str, str]:
        """Which fields of adapters' forms are shown only with which other ones, for the theme."""
        found: dict[str, str] = {}
        for kind, _label in kinds():
            found.update(getattr(adapter_class(kind).form, "shown_if", {}))
        return found

    # --- The form -----------------------------------------------------------------------------
    def _kind(self, request: HttpRequest, channel: Channel | None) -> str:
        """Return the kind of the channel that is edited, or of the one to be added."""
        if channel is not None:
            return channel.kind
        asked = request.GET.get("kind", "")
        return asked if asked in dict(kinds()) else ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if self._kind(request, None):
            # The theme shows such buttons only where something is edited.
            button = {"actions_submit_line": self.get_actions_submit_line(request, None)}
            added: HttpResponse = super().add_view(
                request, form_url, {**(extra_context or {}), **button}
            )
            return added
        context = {
            **self.admin_site.each_context(request),
            "title": _("Which channel do you add?"),
            "opts": self.model._meta,
            "kinds": [(kind, label, adapter_class(kind).about) for kind, label in kinds()],
        }
        return TemplateResponse(request, "channels_adapters/choose_kind.html", context)

    def get_form(
        self, request: HttpRequest, obj: Channel | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Channel]]:
        kind = self._kind(request, obj)
        kwargs["form"] = channel_form(kind)
        found: type[forms.ModelForm[Channel]] = super().get_form(request, obj, change, **kwargs)
        return found

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        made = field_of(db_field)
        if made is not None:
            return made
        usual: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        return usual

    def get_fieldsets(self, request: HttpRequest, obj: Channel | None = None) -> Any:
        kind = self._kind(request, obj)
        own = tuple(adapter_class(kind).form.base_fields)
        sets: list[Any] = [(None, {"fields": _SHARED})]
        if kind == WEBSITE:
            sets.append((_("Website"), {"fields": _WEBSITE}))
        if own:
            described = {"fields": own, "description": self._how_to(kind, obj)}
            sets.append((_("Connection"), described))
        sets.append((_("People and answers"), {"fields": _PEOPLE}))
        sets.append((_("Opening hours"), {"fields": _OPENING}))
        sets.append((_("What customers think"), {"fields": _RATINGS}))
        if kind == WEBSITE:
            signing = {
                "fields": ("identity_secret",),
                "description": _example(
                    "{}<pre><code>{}</code></pre>",
                    _("So your website tells us who is logged in; more in docs/identity.md."),
                    _HOW_TO_SIGN,
                ),
            }
            sets.append((_("Signed-in customers"), signing))
        return sets

    def _how_to(self, kind: str, channel: Channel | None) -> Any:
        """Return where the values are found; and once it is saved, what the service is to know."""
        adapter = adapter_class(kind)(channel or Channel(kind=kind))
        lines: list[Any] = []
        if isinstance(adapter, TellsWhere):
            lines.append(adapter.where_from)
        if channel is not None and isinstance(adapter, AcceptsHooks):
            lines.append(
                format_html(
                    "{} <code>{}</code>",
                    _("Address that the service calls:"),
                    connecting.hook_url(channel),
                )
            )
        if channel is not None and isinstance(adapter, HasLinks):
            lines.append(format_html_join(" · ", '<a href="{}">{}</a>', adapter.links()))
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))

    # --- Saving -------------------------------------------------------------------------------
    def save_model(
        self, request: HttpRequest, obj: Channel, form: forms.ModelForm[Channel], change: bool
    ) -> None:
        if not change:
            obj.kind = self._kind(request, None)
        super().save_model(request, obj, form, change)
        for line in getattr(form, "shown_once", ()):
            messages.warning(request, line)

    @action(description=_("Save and test the connection"))
    def save_and_connect(self, request: HttpRequest, obj: Channel) -> None:
        request.saved_channel = obj  # type: ignore[attr-defined]  # for after the commit

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, extra_context
        )
        # Only now: nobody else could write while a service takes its time to answer.
        saved = getattr(request, "saved_channel", None)
        if saved is not None:
            self._connect(request, saved)
        return response

    def _connect(self, request: HttpRequest, obj: Channel) -> None:
        if not isinstance(adapter_class(obj.kind)(obj), Connects):
            messages.info(request, _("There is nothing to connect to."))
            return
        outcome = connecting.connect(channel=obj)
        level = messages.SUCCESS if outcome.works else messages.ERROR
        messages.add_message(request, level, outcome.text)

    def response_add(
        self, request: HttpRequest, obj: Channel, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._back(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Channel) -> HttpResponse:
        return self._back(request, obj) or super().response_change(request, obj)

    def _back(self, request: HttpRequest, channel: Channel) -> HttpResponse | None:
        """Return to the channel that was tested: there is what to do next."""
        if not hasattr(request, "saved_channel"):
            return None
        return redirect("admin:conversations_channel_change", channel.pk)

    # --- The list -----------------------------------------------------------------------------
    @display(description=_("kind"), ordering="kind")
    def kind_name(self, channel: Channel) -> str:
        return str(dict(kinds()).get(channel.kind, channel.kind))

    @display(
        description=_("health"),
        label={"ok": "success", "error": "danger", "new": "info", "off": "warning"},
    )
    def how_it_is(self, channel: Channel) -> tuple[str, Any]:
        if not channel.is_active:
            return "off", _("Switched off")
        health = _health(channel)
        if health is not None and health.last_error:
            return "error", health.last_error
        if channel.kind == WEBSITE or (health and (health.last_in_at or health.last_out_at)):
            return "ok", _("Works")
        return "new", _("Nothing came yet")

    @display(description=_("last in"))
    def last_in(self, channel: Channel) -> str:
        health = _health(channel)
        return _ago(health.last_in_at) if health else "–"

    @display(description=_("last out"))
    def last_out(self, channel: Channel) -> str:
        health = _health(channel)
        return _ago(health.last_out_at) if health else "–"


def _health(channel: Channel) -> ChannelHealth | None:
    return getattr(channel, "health", None)


def _ago(moment: Any) -> str:
    return timesince(moment, depth=1) if moment else "–"
