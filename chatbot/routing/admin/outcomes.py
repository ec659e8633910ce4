"""What came of conversations, and what was learned from it: for reading."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from chatbot.conversations.admin import ReadOnly
from chatbot.routing.models import Expertise, Outcome


@admin.register(Outcome)
class OutcomeAdmin(ReadOnly, ModelAdmin):
    list_display = (
        *("at", "agent", "topic", "language", "channel", "shown_minutes", "shown_solved"),
        *("passed_on", "rating", "source"),
    )
    list_filter = ("source", "solved", "passed_on", "agent", "topic", "language", "channel")
    list_select_related = ("agent",)
    date_hierarchy = "at"
    fields = (
        *("agent", "conversation", "topic", "language", "channel", "minutes", "solved"),
        *("reopened", "passed_on", "follow_ups", "rating", "source", "external_id", "at"),
    )
    readonly_fields = fields
    actions_list = ("import_tickets",)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("routing.add_outcome"))

    @action(description=_("Import closed tickets"), permissions=["import"], icon="upload")
    def import_tickets(self, request: HttpRequest) -> HttpResponse:
        return redirect("insights-tickets")

    @admin.display(description=_("working minutes"), ordering="minutes")
    def shown_minutes(self, outcome: Outcome) -> str:
        return "–" if outcome.minutes is None else f"{outcome.minutes:.0f}"

    @display(description=_("solved at first contact"), ordering="solved", boolean=True)
    def shown_solved(self, outcome: Outcome) -> bool | None:
        return outcome.solved


@admin.register(Expertise)
class ExpertiseAdmin(ReadOnly, ModelAdmin):
    list_display = (
        *("agent", "shown_topic", "shown_cases", "shown_minutes", "shown_solves"),
        *("shown_quality", "shown_rating", "at"),
    )
    list_filter = ("agent", "topic")
    list_select_related = ("agent",)
    ordering = ("topic", "minutes")
    fields = ("agent", "topic", "cases", "minutes", "solves", "quality", "rating", "at")
    readonly_fields = fields

    @admin.display(description=_("topic"), ordering="topic")
    def shown_topic(self, row: Expertise) -> str:
        return row.topic or "–"

    @admin.display(description=_("cases"), ordering="cases")
    def shown_cases(self, row: Expertise) -> str:
        return f"{row.cases:.1f}"

    @admin.display(description=_("minutes"), ordering="minutes")
    def shown_minutes(self, row: Expertise) -> str:
        return f"{row.minutes:.0f}"

    @admin.display(description=_("solved at first contact"), ordering="solves")
    def shown_solves(self, row: Expertise) -> str:
        return f"{row.solves:.0%}"

    @admin.display(description=_("quality"), ordering="quality")
    def shown_quality(self, row: Expertise) -> str:
        return f"{row.quality:.0%}"

    @admin.display(description=_("rating"), ordering="rating")
    def shown_rating(self, row: Expertise) -> str:
        return f"{row.rating:.1f}"
