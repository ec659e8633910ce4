"""The writes of knowledge: what is published, and what the index has to catch up with."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from chatbot.background import enqueue
from knowledge.crawling import next_reading
from knowledge.models import (
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    IndexRun,
    Question,
    RemovedText,
    Source,
    source_files,
)


def touch_articles(*, articles: Sequence[Article]) -> None:
    """Note that articles were edited: the index follows within seconds, the reader at once."""
    with transaction.atomic():
        Article.objects.filter(pk__in=[article.pk for article in articles]).update(
            updated_at=timezone.now(), indexed_at=None
        )
        enqueue("index")


def draft_article(
    *,
    title: str,
    answer: str,
    language: str,
    category: Category,
    questions: Sequence[tuple[str, str]],
) -> Article:
    """Begin an unpublished article; `questions` are (language, text)."""
    with transaction.atomic():
        article = Article.objects.create(slug=_free_slug(title), category=category)
        ArticleTranslation.objects.create(
            article=article, language=language, title=title[:200], answer=answer
        )
        for said_in, text in questions:
            Question.objects.create(article=article, language=said_in, text=text)
        touch_articles(articles=[article])
    return article


def make_category(*, names: Mapping[str, str]) -> Category:
    """Make a category that is called `names`, by language; one of them is its general name.

    Raises ValueError where there is no name.
    """
    said = {language: name.strip()[:100] for language, name in names.items() if name.strip()}
    if not said:
        raise ValueError("A category needs a name in one language.")
    general = said.get("en") or next(iter(said.values()))
    with transaction.atomic():
        last = Category.objects.aggregate(last=Max("position"))["last"] or 0
        category = Category.objects.create(
            slug=_free_slug(general, Category, "topic"), name=general, position=last + 1
        )
        CategoryTranslation.objects.bulk_create(
            CategoryTranslation(category=category, language=language, name=name)
            for language, name in said.items()
        )
    return category


def _free_slug(title: str, model: type[Article | Category] = Article, other: str = "draft") -> str:
    base = slugify(title)[:40].strip("-") or other
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)


def first_category() -> Category:
    """Return the category that stands first; a general one is made where there is none."""
    found = Category.objects.first()
    return found or Category.objects.create(slug="general", name="General")


def set_status(*, articles: Sequence[Article], status: str) -> None:
    """Publish or unpublish articles. What is unpublished answers nobody from this commit on."""
    with transaction.atomic():
        Article.objects.filter(pk__in=[article.pk for article in articles]).update(status=status)
        touch_articles(articles=articles)


def delete_articles(*, articles: Sequence[Article]) -> None:
    """Delete articles, and have the index drop their texts."""
    with transaction.atomic():
        RemovedText.objects.bulk_create(
            [RemovedText(vector_id=i) for article in articles for i in article.indexed_ids],
            ignore_conflicts=True,
        )
        Article.objects.filter(pk__in=[article.pk for article in articles]).delete()
        enqueue("index")


def request_rebuild() -> IndexRun:
    """Ask the process that owns the index for a rebuild; the old one answers meanwhile."""
    with transaction.atomic():
        run = IndexRun.objects.create(status=IndexRun.Status.REQUESTED)
        enqueue("index")
    return run


# --- Sources ----------------------------------------------------------------------------------
_READ_ANEW = {
    "etag": "",
    "modified": "",
    "digest": "",
    "error": {},
    "attempts": 0,
    "state": Source.State.WAITING,
}


def save_source(*, source: Source, upload: "UploadedFile[Any] | None" = None) -> None:
    """Save a source as it was edited, with a new file if there is one.

    It is read when what it says may have changed; what it said before answers until then.
    """
    with transaction.atomic():
        before = Source.objects.select_for_update().filter(pk=source.pk).first()
        if upload is not None:
            source.kind, source.url = Source.Kind.FILE, ""
            source.file, source.filename = upload, (upload.name or "")[-255:]
        elif before is None:
            source.kind = Source.Kind.URL
        anew = before is None or upload is not None
        if before is not None:
            anew = anew or (before.url, before.language) != (source.url, source.language)
        if anew:
            for name, value in _READ_ANEW.items():
                setattr(source, name, value)
            source.next_at = timezone.now()
        if before is None:
            source.save()
        else:
            source.save(update_fields=_edited(before, source, anew=anew))
            if upload is not None and before.file:
                _forget_file(before)
        enqueue("crawl")


def _edited(before: Source, source: Source, *, anew: bool) -> set[str]:
    """Return the fields to save: not what a reading may have written meanwhile."""
    fields = {"name", "category", "recrawl_hours"}
    if anew:
        return {*fields, "kind", "url", "file", "filename", "language", "next_at", *_READ_ANEW}
    if before.recrawl_hours != source.recrawl_hours and before.state == Source.State.READY:
        source.next_at = before.read_at and next_reading(source, after=before.read_at)
        fields.add("next_at")
    return fields


def read_again(*, sources: Sequence[Source]) -> int:
    """Have sources read now; return how many are in use, and so will be."""
    with transaction.atomic():
        count = Source.objects.filter(
            pk__in=[source.pk for source in sources], status=Source.Status.ACTIVE
        ).update(state=Source.State.WAITING, next_at=timezone.now(), attempts=0)
        enqueue("crawl")
    return count


def set_source_status(*, sources: Sequence[Source], status: str) -> None:
    """Use or pause sources. One that is paused answers nobody from this commit on."""
    with transaction.atomic():
        chosen = Source.objects.filter(pk__in=[source.pk for source in sources])
        now = timezone.now()
        chosen.exclude(status=status).update(status=status, changed_at=now, indexed_at=None)
        enqueue("index")
        if status == Source.Status.ACTIVE:
            read_again(sources=sources)


def delete_sources(*, sources: Sequence[Source]) -> None:
    """Delete sources with their files, and have the index drop their passages."""
    with transaction.atomic():
        chosen = Source.objects.select_for_update().filter(pk__in=[s.pk for s in sources])
        for source in chosen:
            RemovedText.objects.bulk_create(
                [RemovedText(vector_id=i) for i in source.indexed_ids],
                batch_size=500,
                ignore_conflicts=True,
            )
            if source.file:
                _forget_file(source)
        Source.objects.filter(pk__in=[source.pk for source in sources]).delete()
        enqueue("index")


def _forget_file(source: Source) -> None:
    transaction.on_commit(partial(source_files().delete, str(source.file.name)))
