"""Curated answers and their index. The rows are the truth; Chroma holds a copy for searching."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.markdown import to_html


class Category(models.Model):
    """A topic of the help centre; routing ties skills to it."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """Return the name in `language`, else the general one."""
        for translation in self.translations.all():
            if translation.language == language:
                return translation.name
        return self.name


class CategoryTranslation(models.Model):
    """A category's name in one language."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["category", "language"], name="category_language_once")
        ]

    def __str__(self) -> str:
        return self.name


class Article(models.Model):
    """A curated answer in one or more languages, with the questions that it answers."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    slug = models.SlugField(_("slug"), unique=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="articles", verbose_name=_("category")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    suggest = models.PositiveSmallIntegerField(
        _("suggest at the start"),
        null=True,
        blank=True,
        help_text=_("A number puts it among the four questions of the chat's first screen."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)
    indexed_at = models.DateTimeField(_("indexed"), null=True, blank=True)  # null: stale
    indexed_ids = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["category", "slug"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(indexed_at__isnull=True), name="article_stale"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class ArticleTranslation(models.Model):
    """The answer in one language, in Markdown, and as the HTML that customers see."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=200)
    answer = models.TextField(_("answer"), help_text=_("Markdown: lists, bold, links."))
    answer_html = models.TextField(editable=False, blank=True)
    url = models.URLField(_("address"), blank=True, help_text=_("Where it stands on your site."))

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["article", "language"], name="article_language_once")
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]  # Django's signature
        self.answer_html = to_html(self.answer)
        super().save(*args, **kwargs)


class Question(models.Model):
    """A way in which customers ask for an article."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="questions")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    text = models.CharField(_("question"), max_length=300)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["language", "id"]

    def __str__(self) -> str:
        return self.text


class IndexRun(models.Model):
    """One building of the index: a collection of its own, promoted when it is complete."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        BUILDING = "building", _("Building")
        ACTIVE = "active", _("In use")
        RETIRED = "retired", _("Replaced")
        FAILED = "failed", _("Failed")

    status = models.CharField(_("status"), max_length=10, choices=Status)
    collection = models.CharField(_("collection"), max_length=60, blank=True)
    embedding = models.CharField(_("embedding model"), max_length=300, blank=True)
    texts = models.PositiveIntegerField(_("texts"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("index run")
        verbose_name_plural = _("index runs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=models.Q(status="active"), name="one_active_index"
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection or self.pk}: {self.get_status_display()}"


class TextVector(models.Model):
    """The vector of a text, kept so that no text is embedded twice by the same model."""

    digest = models.CharField(max_length=64, primary_key=True)  # SHA-256 of model, mode and text
    vector = models.BinaryField()  # float32, little-endian

    class Meta:
        verbose_name = _("text vector")
        verbose_name_plural = _("text vectors")

    def __str__(self) -> str:
        return self.digest


class RemovedText(models.Model):
    """A vector of a deleted article that the index still has to drop."""

    vector_id = models.CharField(max_length=60, unique=True)

    class Meta:
        verbose_name = _("removed text")
        verbose_name_plural = _("removed texts")

    def __str__(self) -> str:
        return self.vector_id
