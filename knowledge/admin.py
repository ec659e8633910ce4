"""Where knowledge is edited. Saving publishes within seconds; unpublishing hides at once."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from knowledge import services
from knowledge.forms import SourceForm
from knowledge.models import (
    Action,
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    IndexRun,
    Passage,
    Question,
    Source,
)
from knowledge.search import action_titles


def _to(request: HttpRequest, name: str, *arguments: str) -> HttpResponse:
    """Go on to a page; from the theme's dialog, too, which would show it within itself."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": reverse(name, args=arguments)})
    return redirect(name, *arguments)


class CategoryTranslationInline(TabularInline):
    model = CategoryTranslation
    extra = 0


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ("name", "slug", "threshold", "position")
    list_editable = ("position",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (CategoryTranslationInline,)


class TranslationInline(StackedInline):
    model = ArticleTranslation
    extra = 0
    min_num = 1
    tab = True
    verbose_name_plural = _("Answer, by language")


class QuestionInline(TabularInline):
    model = Question
    extra = 3
    tab = True
    verbose_name_plural = _("Questions, as customers ask them")


@admin.register(Article)
class ArticleAdmin(ModelAdmin):
    list_display: tuple[str, ...] = (
        "title",
        "category",
        "status",
        "languages",
        "updated_at",
        "in_index",
    )
    list_filter = ("status", "category")
    list_select_related = ("category",)
    search_fields = ("slug", "translations__title", "translations__answer", "questions__text")
    fields: tuple[str, ...] = ("slug", "category", "status", "suggest", "offers")
    inlines = (TranslationInline, QuestionInline)
    actions = ("publish", "unpublish")
    actions_detail = ("test_it",)
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        found: QuerySet[Article] = super().get_queryset(request)
        return self.only(found).prefetch_related("translations")

    def only(self, found: QuerySet[Article]) -> QuerySet[Article]:
        """Return those that are edited here: what is done is edited among the actions."""
        return found.filter(action="")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "offers":
            titles = action_titles((get_language() or "en").partition("-")[0])
            options |= {
                "widget": UnfoldAdminSelectWidget(choices=[("", "---------"), *titles.items()]),
            }
        return super().formfield_for_dbfield(db_field, request, **options)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # Other pages know an entry by its number alone.
        done = Action.objects.filter(pk=object_id).exclude(action="")
        if self.model is Article and object_id.isdecimal() and done.exists():
            return redirect("admin:knowledge_action_change", object_id)
        shown: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return shown

    @admin.display(description=_("title"), ordering="slug")
    def title(self, article: Article) -> str:
        translations = {t.language: t.title for t in article.translations.all()}
        return translations.get("en") or next(iter(translations.values()), article.slug)

    @admin.display(description=_("languages"))
    def languages(self, article: Article) -> str:
        return " ".join(sorted(t.language for t in article.translations.all()))

    @admin.display(description=_("in the index"), boolean=True)
    def in_index(self, article: Article) -> bool:
        return article.indexed_at is not None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.touch_articles(articles=[form.instance])

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        services.delete_articles(articles=[obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        services.delete_articles(articles=list(queryset))

    @action(description=_("Test it"), permissions=["view"])
    def test_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('insights-test')}?article={object_id}")

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_status(request, list(queryset), Article.Status.PUBLISHED)

    @admin.action(description=_("Unpublish"))
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_status(request, list(queryset), Article.Status.DRAFT)

    def _set_status(self, request: HttpRequest, articles: Sequence[Article], status: str) -> None:
        services.set_status(articles=articles, status=status)
        count = len(articles)
        text = ngettext("%d article changed.", "%d articles changed.", count) % count
        messages.success(request, text)


class PassageInline(TabularInline):
    model = Passage
    extra = 0
    per_page = 20
    tab = True
    fields = readonly_fields = ("label", "page", "language", "text")
    verbose_name_plural = _("Passages, as they were read")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("knowledge.view_source") or request.user.has_perm(
            "knowledge.change_source"
        )


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    form = SourceForm
    list_display = ("name", "kind", "state_shown", "count", "read_at", "next_at", "trouble")
    list_filter = ("status", "state", "kind", "category")
    search_fields = ("name", "url", "filename")
    readonly_fields = ("filename", "state_shown", "trouble", "read_at", "next_at")
    inlines = (PassageInline,)
    actions = ("read_again", "resume", "pause")
    actions_detail = ("read_now",)
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        found: QuerySet[Source] = super().get_queryset(request)
        return found.defer("indexed_ids").annotate(count=Count("passages"))

    def get_fields(self, request: HttpRequest, obj: Source | None = None) -> Sequence[str]:
        named = ("name", "category", "language")
        if obj is None:
            return ("url", "upload", *named, "recrawl_hours")
        told = ("state_shown", "trouble", "read_at", "next_at")
        if obj.kind == Source.Kind.FILE:
            return ("filename", "upload", *named, *told)
        return ("url", *named, "recrawl_hours", *told)

    def get_inlines(self, request: HttpRequest, obj: Source | None) -> Any:
        return self.inlines if obj else ()

    @display(
        description=_("state"),
        ordering="state",
        label={"ready": "success", "failed": "danger", "waiting": "info", "reading": "info"},
    )
    def state_shown(self, source: Source) -> tuple[str, str]:
        if source.status == Source.Status.PAUSED:
            return "paused", source.get_status_display()
        return source.state, source.get_state_display()

    @admin.display(description=_("passages"), ordering="count")
    def count(self, source: Source) -> int:
        return int(getattr(source, "count", 0))

    @admin.display(description=_("what went wrong"))
    def trouble(self, source: Source) -> str:
        return source.trouble

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        services.save_source(source=obj, upload=form.cleaned_data.get("upload"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Not the passages one by one: there may be thousands.
        return [str(source) for source in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Source) -> None:
        services.delete_sources(sources=[obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        services.delete_sources(sources=list(queryset))

    @admin.action(description=_("Read again now"), permissions=["change"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        count = services.read_again(sources=list(queryset))
        text = ngettext("%d source is being read.", "%d sources are being read.", count) % count
        messages.success(request, text)

    @action(
        description=_("Read again now"),
        permissions=["change"],
        dialog={
            "title": _("Read again now"),
            "description": _("What it said before answers until it is read."),
            "form_submit_text": _("Read again now"),
        },
    )
    def read_now(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.read_again(request, self.get_queryset(request).filter(pk=object_id))
        return _to(request, "admin:knowledge_source_change", object_id)

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._set_status(request, list(queryset), Source.Status.PAUSED)

    @admin.action(description=_("Use again"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Source]) -> None:
        self._set_status(request, list(queryset), Source.Status.ACTIVE)

    def _set_status(self, request: HttpRequest, sources: Sequence[Source], status: str) -> None:
        services.set_source_status(sources=sources, status=status)
        count = len(sources)
        text = ngettext("%d source changed.", "%d sources changed.", count) % count
        messages.success(request, text)


@admin.register(IndexRun)
class IndexRunAdmin(ModelAdmin):
    list_display = ("id", "status", "texts", "embedding", "started_at", "finished_at", "error")
    actions_list = ("rebuild",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @action(
        description=_("Rebuild the index"),
        permissions=["rebuild"],
        dialog={
            "title": _("Rebuild the index"),
            "description": _("The old one answers until the new one is ready."),
            "form_submit_text": _("Rebuild the index"),
        },
    )
    def rebuild(self, request: HttpRequest, form: Any) -> HttpResponse:
        services.request_rebuild()
        messages.success(request, _("The index is being rebuilt; the old one answers meanwhile."))
        return _to(request, "admin:knowledge_indexrun_changelist")

    def has_rebuild_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("knowledge.change_article")
