"""Where Svar's own shop is kept up, and where files of another one are taken over."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action, display

from chatbot.systems.forms import ImportForm
from chatbot.systems.importing import KINDS, take_over
from chatbot.systems.models import (
    Account,
    Case,
    ProductName,
    Return,
    ShopOrder,
    ShopOrderLine,
    ShopProduct,
    ShopShipment,
    ShopVariant,
)


class ImportedAdmin(ModelAdmin):
    """Rows that can come from a CSV file, too."""

    import_kind: ClassVar[str]
    actions_list = ("import_csv",)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    @action(description=_("Import CSV"), permissions=["import"], icon="upload")
    def import_csv(self, request: HttpRequest) -> HttpResponse:
        return redirect(f"admin:systems_{self.opts.model_name}_import")

    def get_urls(self) -> list[URLPattern]:
        name = f"systems_{self.opts.model_name}_import"
        own = path("import/", self.admin_site.admin_view(self.import_page), name=name)
        return [own, *super().get_urls()]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Take a file over, or say what that would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        outcome = None
        if request.method == "POST" and form.is_valid():
            outcome = take_over(
                kind=self.import_kind,
                content=form.cleaned_data["file"].read(),
                dry_run=form.cleaned_data["dry_run"],
            )
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Import CSV"),
            "subtitle": self.opts.verbose_name_plural,
            "form": form,
            "outcome": outcome,
            "was_dry": bool(form.is_bound and form.cleaned_data.get("dry_run")),
            "key": KINDS[self.import_kind].key,
            "columns": list(KINDS[self.import_kind].columns),
            "back": reverse(f"admin:systems_{self.opts.model_name}_changelist"),
        }
        return render(request, "systems/import.html", shown)


class LineInline(TabularInline):
    model = ShopOrderLine
    extra = 0


class ShipmentInline(StackedInline):
    model = ShopShipment
    extra = 0


@admin.register(ShopOrder)
class ShopOrderAdmin(ImportedAdmin):
    import_kind = "orders"
    list_display = ("number", "name", "email", "state_shown", "placed_on", "expected_on")
    list_filter = ("state", "country", "language")
    search_fields = ("number", "plain", "email", "name", "shipments__number")
    date_hierarchy = "placed_on"
    fields = (
        ("number", "state"),
        ("name", "email"),
        ("language", "country"),
        "placed_on",
        ("expected_on", "delivered_on"),
    )
    inlines = (LineInline, ShipmentInline)
    warn_unsaved_form = True

    @display(
        description=_("state"),
        ordering="state",
        label={
            "delivered": "success",
            "sent": "info",
            "ready": "info",
            "cancelled": "danger",
            "returned": "warning",
        },
    )
    def state_shown(self, order: ShopOrder) -> tuple[str, str]:
        return order.state, order.get_state_display()


class NameInline(TabularInline):
    model = ProductName
    extra = 0
    min_num = 1


class VariantInline(StackedInline):
    model = ShopVariant
    extra = 0
    fields = (("number", "available"), "back_on", "names")


@admin.register(ShopProduct)
class ShopProductAdmin(ImportedAdmin):
    import_kind = "products"
    list_display = ("number", "name", "variants_count", "in_stock")
    search_fields = ("number", "also", "names__name", "variants__number")
    inlines = (NameInline, VariantInline)
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShopProduct]:
        found: QuerySet[ShopProduct] = super().get_queryset(request)
        return found.prefetch_related("names").annotate(
            count=Count("variants"), stock=Sum("variants__available")
        )

    @admin.display(description=_("name"))
    def name(self, product: ShopProduct) -> str:
        names = {each.language: each.name for each in product.names.all()}
        return names.get("en") or next(iter(names.values()), "")

    @admin.display(description=_("variants"), ordering="count")
    def variants_count(self, product: ShopProduct) -> int:
        return int(getattr(product, "count", 0))

    @admin.display(description=_("in stock"), ordering="stock")
    def in_stock(self, product: ShopProduct) -> int:
        return int(getattr(product, "stock", 0) or 0)


@admin.register(Account)
class AccountAdmin(ImportedAdmin):
    """Accounts without their passwords: whoever forgets one asks for a link."""

    import_kind = "accounts"
    list_display = ("email", "name", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "created_at", "last_login")
    readonly_fields = ("created_at", "last_login")

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Return)
class ReturnAdmin(ModelAdmin):
    list_display = ("number", "order_number", "name", "email", "state_shown", "created_at")
    list_filter = ("state", "carrier")
    search_fields = ("number", "order_number", "email", "name", "tracking")
    fields = (
        ("number", "state"),
        ("order_number", "order"),
        ("name", "email"),
        "lines_shown",
        ("carrier", "tracking"),
        "created_at",
    )
    readonly_fields = (
        *("number", "order_number", "order", "name", "email"),
        *("lines_shown", "created_at"),
    )
    actions_detail = ("label",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(
        description=_("state"),
        ordering="state",
        label={"announced": "info", "received": "warning", "refunded": "success"},
    )
    def state_shown(self, announced: Return) -> tuple[str, str]:
        return announced.state, announced.get_state_display()

    @admin.display(description=_("lines"))
    def lines_shown(self, announced: Return) -> SafeString:
        lines = ((line["quantity"], line["name"], line["number"]) for line in announced.lines)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{} × {} ({})</li>", lines))

    @action(description=_("Label"), permissions=["view"], icon="label")
    def label(self, request: HttpRequest, object_id: str) -> HttpResponse:
        from chatbot.systems.labels import draw_label, label_of

        announced = get_object_or_404(Return, pk=object_id)
        headers = {"Content-Disposition": f'inline; filename="{announced.number}.pdf"'}
        drawn = draw_label(label_of(announced))
        return HttpResponse(drawn, content_type="application/pdf", headers=headers)


@admin.register(Case)
class CaseAdmin(ModelAdmin):
    list_display = ("number", "subject", "kind", "email", "state_shown", "created_at")
    list_filter = ("state", "kind", "language")
    search_fields = ("number", "subject", "text", "email")
    fields = (
        ("number", "state"),
        "subject",
        "text",
        "facts_shown",
        ("kind", "language"),
        ("email", "conversation_shown"),
        "created_at",
    )
    readonly_fields = (
        *("number", "subject", "text", "facts_shown", "kind", "language", "email"),
        *("conversation_shown", "created_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @display(
        description=_("state"), ordering="state", label={"open": "warning", "closed": "success"}
    )
    def state_shown(self, case: Case) -> tuple[str, str]:
        return case.state, case.get_state_display()

    @admin.display(description=_("facts"))
    def facts_shown(self, case: Case) -> SafeString:
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", case.facts))

    @admin.display(description=_("conversation"))
    def conversation_shown(self, case: Case) -> SafeString:
        address = f"/inbox/c/{case.conversation}/"
        return format_html('<a href="{}">{}</a>', address, case.conversation)
