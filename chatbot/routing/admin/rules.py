"""What an admin decides about routing: its mode, which strategy when, and what matters in each."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from chatbot.routing.forms import TO_TICK, WEIGHTS, WeightsForm
from chatbot.routing.models import RoutingRule, RoutingSettings, StrategyWeights
from chatbot.routing.models.rules import Strategy

_THE_ROW = 1


@admin.register(RoutingSettings)
class RoutingSettingsAdmin(ModelAdmin):
    """One row, which is there once somebody saves it; until then what it says is the default."""

    fieldsets = (
        (None, {"fields": ("mode",)}),
        (
            _("Who has room"),
            {
                "fields": (
                    ("open_share", "complexity_share"),
                    ("availability_share", "preference_share"),
                ),
                "description": _("Four shares of one whole: together they are 1."),
            },
        ),
        (_("Learning"), {"fields": ("half_life_days",)}),
        (
            _("Going on to the next best"),
            {"fields": (("chat_minutes", "email_minutes"), "leaving_seconds")},
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:routing_routingsettings_change", _THE_ROW)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> RoutingSettings | None:
        found: RoutingSettings | None = super().get_object(request, object_id, from_field)
        if found is None and object_id == str(_THE_ROW):
            return RoutingSettings(pk=_THE_ROW)  # is kept once somebody saves it
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RoutingRule)
class RoutingRuleAdmin(ModelAdmin):
    """The first that fits decides; where none does, it is routine."""

    list_display = ("order", "strategy", "applies_to", "is_active")
    list_display_links = ("strategy",)
    list_editable = ("order", "is_active")
    formfield_overrides = TO_TICK
    fieldsets = (
        (None, {"fields": ("strategy", "order", "is_active")}),
        (
            _("For which conversations"),
            {
                "fields": ("topics", "channels", "from_priority", "for_vips", "from_complexity"),
                "description": _(
                    "All that is filled in has to fit. Nothing filled in: it fits all. Complexity "
                    "goes from 0 to 1."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("topics", "channels")

    @admin.display(description=_("for which conversations"))
    def applies_to(self, rule: RoutingRule) -> str:
        parts = [", ".join(each.name for each in rule.topics.all())]
        parts.append(", ".join(each.name for each in rule.channels.all()))
        if rule.from_priority:
            parts.append(f"{rule.get_from_priority_display()} +")
        if rule.for_vips:
            parts.append("VIP")
        if rule.from_complexity is not None:
            parts.append(f"{_('complexity')} ≥ {rule.from_complexity:g}")
        return " · ".join(part for part in parts if part) or str(_("all"))


@admin.register(StrategyWeights)
class StrategyWeightsAdmin(ModelAdmin):
    """Strategies whose weights somebody changed. Deleting one takes it back to what is shipped."""

    form = WeightsForm
    list_display = ("strategy", "differs")
    fields = ("strategy", *WEIGHTS)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not super().has_add_permission(request):
            raise PermissionDenied
        if request.method == "GET" and request.GET.get("strategy") not in Strategy.values:
            changed = set(StrategyWeights.objects.values_list("strategy", flat=True))
            context = {
                **self.admin_site.each_context(request),
                "title": _("Which strategy do you change?"),
                "opts": self.opts,
                "strategies": [one for one in Strategy.choices if one[0] not in changed],
            }
            return TemplateResponse(request, "routing/choose_strategy.html", context)
        added: HttpResponse = super().add_view(request, form_url, extra_context)
        return added

    def has_add_permission(self, request: HttpRequest) -> bool:
        free = StrategyWeights.objects.count() < len(Strategy.values)
        return free and bool(super().has_add_permission(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("strategy",) if obj is not None else ()

    @admin.display(description=_("weights"))
    def differs(self, row: StrategyWeights) -> str:
        names = (StrategyWeights._meta.get_field(name) for name in WEIGHTS)
        return ", ".join(
            f"{cast(forms.Field, field).verbose_name} {getattr(row, field.name):g}"  # type: ignore[attr-defined]
            for field in names
            if getattr(row, field.name)
        )
