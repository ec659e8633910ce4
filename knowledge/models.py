"""Curated answers, sources, and their index. The rows are the truth; Chroma holds a copy."""

import secrets
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.markdown import to_html
from knowledge.sources.failures import in_words


class Category(models.Model):
    """A topic of the help centre; routing ties skills to it."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("Answers below this probability go to a person. Empty: the channel's own."),
    )

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
    # What the bot does when this is asked, by its name in `chatbot.actions.registry`; and what it
    # offers to do under the answer.
    action = models.CharField(_("action"), max_length=40, blank=True)
    offers = models.CharField(
        _("offers"),
        max_length=40,
        blank=True,
        help_text=_("An action that is offered as a button under the answer."),
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


class Action(Article):
    """An entry that is done rather than told; its answer is told where it cannot be done."""

    class Meta:
        proxy = True
        verbose_name = _("action")
        verbose_name_plural = _("actions")


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


def source_files() -> FileSystemStorage:
    """Return where uploads are kept: beside the data, where no address leads."""
    return FileSystemStorage(
        location=settings.SOURCES_DIR,
        file_permissions_mode=0o600,
        directory_permissions_mode=0o700,
    )


def source_path(source: "Source", name: str) -> str:
    """Return a name for an upload that says nothing but its type."""
    return f"{secrets.token_hex(16)}{PurePosixPath(name).suffix.lower()[:10]}"


class Source(models.Model):
    """A document or web page whose passages answer. It is read when `next_at` has come."""

    class Kind(models.TextChoices):
        FILE = "file", _("Document")
        URL = "url", _("Web page")

    class Status(models.TextChoices):
        ACTIVE = "active", _("In use")
        PAUSED = "paused", _("Paused")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Being read")
        READY = "ready", _("Read")
        FAILED = "failed", _("Failed")

    name = models.CharField(
        _("name"), max_length=200, help_text=_("Customers see it as the source of an answer.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file = models.FileField(
        _("file"), storage=source_files, upload_to=source_path, max_length=100, blank=True
    )
    filename = models.CharField(_("file"), max_length=255, blank=True)
    url = models.URLField(_("address"), max_length=2_000, blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="sources", verbose_name=_("category")
    )
    language = models.CharField(
        _("language"),
        max_length=8,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Empty: as the document says, else as it reads."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    recrawl_hours = models.PositiveSmallIntegerField(
        _("read again after hours"),
        null=True,
        blank=True,
        default=24,
        validators=[MinValueValidator(1)],
        help_text=_("For web pages. Empty: only when you ask for it."),
    )
    etag = models.CharField(max_length=500, blank=True)
    modified = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=80, blank=True)  # of the content that was read last
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    # {"sentence": ..., "values": {...}, "status": of HTTP}; translated when it is shown.
    error = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveIntegerField(default=0)  # failed ones since the last good one
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)
    # Who reads the source moves it on to the end of the lease, and so knows it is alone.
    next_at = models.DateTimeField(_("next reading"), null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)  # as the index sees it
    indexed_at = models.DateTimeField(_("indexed"), null=True, blank=True)  # null: stale
    indexed_ids = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name", "id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(indexed_at__isnull=True), name="source_stale"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["url"],
                condition=~models.Q(url=""),
                name="source_page_once",
                violation_error_message=_("This page is a source already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def trouble(self) -> str:
        """Return what went wrong at the last reading, in the language that is active."""
        return in_words(self.error["sentence"], self.error["values"]) if self.error else ""


class Passage(models.Model):
    """A piece of a source as it stands there. Its text never changes: another is another row."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField(_("position"))
    text = models.TextField(_("text"))
    path = models.JSONField(default=list)  # the headings above it, outermost first
    label = models.TextField(_("place"), blank=True)
    anchor = models.TextField(blank=True)
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    question = models.TextField(_("question"), blank=True)  # of a pair
    embedded = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["source", "position"]
        indexes = [models.Index(fields=["source", "position"], name="passage_in_order")]
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="passage_once_in_source")
        ]

    def __str__(self) -> str:
        return self.label


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
    # Counts its changes since it was built: processes that hold a copy see that they are behind.
    revision = models.PositiveIntegerField(default=0)
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
    """A vector of something deleted that the index still has to drop."""

    vector_id = models.CharField(max_length=60, unique=True)

    class Meta:
        verbose_name = _("removed text")
        verbose_name_plural = _("removed texts")

    def __str__(self) -> str:
        return self.vector_id
