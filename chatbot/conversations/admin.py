"""What was said, for reading; agents use the inbox. Channels are in channels_adapters.admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from chatbot.conversations import deliveries, merging
from chatbot.conversations.models import (
    ContactMerge,
    Conversation,
    Delivery,
    Label,
    Message,
    Rating,
    ReceivedEvent,
    Recommendation,
)


class ReadOnly:
    """Nothing may be added, changed or deleted here: services write these rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BySupervisors:
    """Supervisors may do everything here, beside those who were given its permissions."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._supervises(request) or super().has_view_permission(request, obj)  # type: ignore[misc]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._supervises(request) or super().has_add_permission(request)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._supervises(request) or super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._supervises(request) or super().has_delete_permission(request, obj)  # type: ignore[misc]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._supervises(request) or super().has_module_permission(request)  # type: ignore[misc]

    @staticmethod
    def _supervises(request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.has_perm("routing.supervise"))


@admin.register(Label)
class LabelAdmin(BySupervisors, ModelAdmin):
    """Agents make labels while they work; here they are renamed, recoloured and removed."""

    list_display = ("name", "colour", "conversations_count")
    list_display_links = ("name",)
    list_editable = ("colour",)
    search_fields = ("name",)
    fields = ("name", "colour")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(used=Count("rows"))

    @admin.display(description=_("conversations"), ordering="used")
    def conversations_count(self, label: Any) -> int:
        return int(label.used)


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
    list_display = (
        "to_whom",
        "channel",
        "state",
        "attempts",
        "next_at",
        "sent_at",
        "last_error",
    )
    list_filter = ("state", "identity__channel")
    list_select_related = ("identity__channel", "message__conversation__contact")
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.display(description=_("to"))
    def to_whom(self, delivery: Delivery) -> str:
        conversation = delivery.message.conversation
        return format_html(
            '<a href="/inbox/c/{}/">{}</a>', conversation.pk, str(conversation.contact)
        )

    @admin.display(description=_("channel"))
    def channel(self, delivery: Delivery) -> str:
        return str(delivery.identity.channel)

    @admin.action(description=_("Send again what failed"))
    def send_again(self, request: HttpRequest, rows: Any) -> None:
        again = sum(deliveries.resend(delivery=delivery) for delivery in rows)
        self.message_user(
            request,
            ngettext(
                "%(count)s message is sent again.", "%(count)s messages are sent again.", again
            )
            % {"count": again},
        )


@admin.register(ReceivedEvent)
class ReceivedEventAdmin(ReadOnly, ModelAdmin):
    list_display = ("received_at", "channel", "state", "attempts", "error")
    list_filter = ("state", "channel")
    list_select_related = ("channel",)
    ordering = ("-pk",)
    fields = ("channel", "event_id", "state", "attempts", "error", "received_at")


@admin.register(ContactMerge)
class ContactMergeAdmin(ReadOnly, ModelAdmin):
    list_display = ("kept", "name", "email", "way", "user", "created_at", "undone_at")
    list_filter = ("way",)
    list_select_related = ("kept", "user")
    fields = list_display
    actions = ("take_apart",)

    @admin.action(description=_("Make them two contacts again"))
    def take_apart(self, request: HttpRequest, rows: Any) -> None:
        for merge in rows:
            try:
                merging.undo_merge(merge=merge)
            except merging.CannotUndo:
                self.message_user(request, _("This was undone already."), level=messages.WARNING)


@admin.register(Rating)
class RatingAdmin(ReadOnly, ModelAdmin):
    list_display = ("asked_at", "conversation", "user", "score", "comment", "answered_at")
    list_filter = ("score", "conversation__channel", "user")
    list_select_related = ("conversation__contact", "conversation__channel", "user")
    fields = list_display


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnly, ModelAdmin):
    list_display = ("asked_at", "contact", "conversation", "score", "answered_at")
    list_filter = ("score", "conversation__channel")
    list_select_related = ("contact", "conversation__contact", "conversation__channel")
    fields = list_display
