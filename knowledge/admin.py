"""Where knowledge is edited. Saving publishes within seconds; unpublishing hides at once."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action

from knowledge import services
from knowledge.models import (
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    IndexRun,
    Question,
)


class CategoryTranslationInline(TabularInline):
    model = CategoryTranslation
    extra = 0


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ("name", "slug", "position")
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
    list_display = ("title", "category", "status", "languages", "updated_at", "in_index")
    list_filter = ("status", "category")
    list_select_related = ("category",)
    search_fields = ("slug", "translations__title", "translations__answer", "questions__text")
    fields = ("slug", "category", "status", "suggest")
    inlines = (TranslationInline, QuestionInline)
    actions = ("publish", "unpublish")
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        found: QuerySet[Article] = super().get_queryset(request)
        return found.prefetch_related("translations")

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

    @action(description=_("Rebuild the index"), permissions=["rebuild"])
    def rebuild(self, request: HttpRequest) -> HttpResponse:
        services.request_rebuild()
        messages.success(request, _("The index is being rebuilt; the old one answers meanwhile."))
        return redirect("admin:knowledge_indexrun_changelist")

    def has_rebuild_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("knowledge.change_article")
