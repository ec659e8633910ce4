"""Where actions are edited, beside the articles: what calls them, and what came of them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from chatbot.actions import labels, registry
from chatbot.actions.models import ActionRun, Errand
from chatbot.actions.slots import CODE
from knowledge.admin import ArticleAdmin
from knowledge.models import Action


@admin.register(Action)
class ActionAdmin(ArticleAdmin):
    list_display = ("title", "done", "category", "status", "languages", "ready", "in_index")
    fields = ("slug", "action", "category", "status", "suggest", "asks_for", "works_with")
    readonly_fields = ("asks_for", "works_with")

    def only(self, found: QuerySet[Any]) -> QuerySet[Any]:
        return found.exclude(action="")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "action":
            names = [(name, labels.action_name(name)) for name in registry.actions()]
            field = super().formfield_for_dbfield(
                db_field, request, widget=UnfoldAdminSelectWidget(choices=names), **options
            )
            field.required = True
            return field
        return super().formfield_for_dbfield(db_field, request, **options)

    @admin.display(description=_("what it does"), ordering="action")
    def done(self, entry: Action) -> str:
        return labels.action_name(entry.action)

    @admin.display(description=_("ready"), boolean=True)
    def ready(self, entry: Action) -> bool:
        return registry.can_do(entry.action)

    @admin.display(description=_("asks for"))
    def asks_for(self, entry: Action) -> str:
        action = registry.actions().get(entry.action)
        if action is None:
            return "–"
        return ", ".join(labels.slot_label(s.name) for s in action.slots if s is not CODE)

    @admin.display(description=_("works with"))
    def works_with(self, entry: Action) -> str:
        action = registry.actions().get(entry.action)
        if action is None or not action.port:
            return "–"
        port = labels.port_name(action.port)
        return port if registry.can_do(entry.action) else str(_("%s (not connected)") % port)


class ReadOnly(ModelAdmin):
    """Rows that are looked at, not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ActionRun)
class ActionRunAdmin(ReadOnly):
    list_display = ("what", "came_of_it", "confidence", "turns", "started_at", "ended_at")
    list_filter = ("action", "outcome")
    fields = ("action", "outcome", "confidence", "turns", "started_at", "ended_at")

    @admin.display(description=_("action"), ordering="action")
    def what(self, run: ActionRun) -> str:
        return labels.action_name(run.action)

    @display(
        description=_("outcome"),
        ordering="outcome",
        label={
            "failed": "danger",
            "gave_up": "warning",
            "unproven": "warning",
            "person": "info",
            "": "info",
        },
    )
    def came_of_it(self, run: ActionRun) -> tuple[str, str]:
        return run.outcome, labels.outcome(run.outcome)


@admin.register(Errand)
class ErrandAdmin(ReadOnly):
    list_display = ("kind", "state", "attempts", "next_at", "last_error", "created_at")
    list_filter = ("kind", "state")
    fields = list_display
