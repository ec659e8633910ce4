"""Channels and what was said on them. Conversations are for reading here; agents use the inbox."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from chatbot.conversations.models import Channel, Conversation, Delivery, Message

_HOW_TO_SIGN = """import jwt, time

token = jwt.encode(
    {"sub": str(user.id), "email": user.email, "exp": int(time.time()) + 3600},
    IDENTITY_SECRET,
    algorithm="HS256",
)

<script async src="https://support.example.com/widget/v1/loader.js"
  data-key="KEY" data-identity="{{ token }}"></script>"""
_example = lazy(format_html, str)


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ("name", "kind", "key", "is_active")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "kind",
                    "key",
                    "is_active",
                    "bot_name",
                    "accent",
                    "language",
                    "allowed_origins",
                    "reply_minutes",
                    "opening_hours",
                    "threshold",
                )
            },
        ),
        (
            _("Signed-in customers"),
            {
                "fields": ("identity_secret",),
                "description": _example(
                    "{}<pre><code>{}</code></pre>",
                    _("So your website tells us who is logged in; more in docs/identity.md."),
                    _HOW_TO_SIGN,
                ),
            },
        ),
    )


class ReadOnly:
    """Nothing may be added, changed or deleted here: services write these rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MessageInline(ReadOnly, TabularInline):
    model = Message
    fields = ("created_at", "author", "author_name", "kind", "text", "confidence")
    readonly_fields = fields
    ordering = ("id",)


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "open_in_inbox",
        "contact",
        "channel",
        "status",
        "topic",
        "reason",
        "last_message_at",
    )
    list_display_links = ("contact",)
    list_filter = ("status", "channel", "reason", "topic")
    list_select_related = ("contact", "channel")
    ordering = ("-last_message_at",)
    fields = ("contact", "channel", "status", "assignee", "topic", "reason", "language", "page_url")
    inlines = (MessageInline,)

    @admin.display(description=_("inbox"))
    def open_in_inbox(self, conversation: Conversation) -> str:
        return format_html('<a href="/inbox/c/{}/">#{}</a>', conversation.pk, conversation.pk)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin):
    list_display = ("message_id", "state", "attempts", "next_at", "sent_at", "last_error")
    list_filter = ("state",)
    ordering = ("-pk",)
