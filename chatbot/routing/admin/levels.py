"""What an admin promises customers: within how long they are answered and helped."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from chatbot.routing.forms import TO_TICK
from chatbot.routing.models import ServiceLevel


@admin.register(ServiceLevel)
class ServiceLevelAdmin(ModelAdmin):
    """The first that fits holds; where none does, nothing is promised and no clock runs."""

    list_display = (
        "order",
        "name",
        "applies_to",
        "first_reply_minutes",
        "next_reply_minutes",
        "resolve_minutes",
        "is_active",
    )
    list_display_links = ("name",)
    list_editable = ("order", "is_active")
    formfield_overrides = TO_TICK
    fieldsets = (
        (None, {"fields": ("name", "order", "is_active")}),
        (
            _("For which conversations"),
            {
                "fields": ("channels", "from_priority", "for_vips"),
                "description": _(
                    "All that is filled in has to fit. Nothing filled in: it fits all."
                ),
            },
        ),
        (
            _("What is promised"),
            {
                "fields": ("first_reply_minutes", "next_reply_minutes", "resolve_minutes"),
                "description": _(
                    "Minutes count while the channel is open, and stand still while a conversation "
                    "is snoozed. Empty: not promised."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("channels")

    @admin.display(description=_("for which conversations"))
    def applies_to(self, level: ServiceLevel) -> str:
        parts = [", ".join(each.name for each in level.channels.all())]
        if level.from_priority:
            parts.append(f"{level.get_from_priority_display()} +")
        if level.for_vips:
            parts.append("VIP")
        return " · ".join(part for part in parts if part) or str(_("all"))
