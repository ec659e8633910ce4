"""What the bot knows about a question: entries of the index, and their published answers."""

import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.cache import cache
from django.utils.translation import get_language

from knowledge import store
from knowledge.embeddings import packed_query_vector, query_vector
from knowledge.ingest import active_run
from knowledge.models import Article, ArticleTranslation, Category

# An article has about 30 texts in four languages; fewer neighbours than this would often be
# all of one article, and leave no rival to compare it with.
NEIGHBOURS = 40
_POINTER_SECONDS = 1.0
_NAMES_SECONDS = 10  # categories are renamed seldom


@dataclass(frozen=True, slots=True)
class FoundText:
    """An indexed text near the question; `similarity` is a cosine."""

    text: str
    language: str
    similarity: float


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article with the texts of it that were found, best first."""

    article_id: int
    texts: tuple[FoundText, ...]


@dataclass(frozen=True, slots=True)
class PublishedAnswer:
    """What a published article says in one language."""

    article_id: int
    topic: str
    category_id: int
    category: str
    title: str
    text: str
    html: str
    language: str
    updated_at: datetime
    url: str | None


_MOST_ANSWERS = 2_000
_answers: dict[tuple[int, str], PublishedAnswer] = {}


class NoIndex(RuntimeError):
    """There is no index to search yet."""


class _Pointer:
    """The name of the collection in use, read from the database at most once a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._name = ""
        self._read_at = 0.0

    def name(self) -> str:
        now = time.monotonic()
        with self._lock:
            if not self._name or now - self._read_at > _POINTER_SECONDS:
                run = active_run()
                self._name, self._read_at = (run.collection if run else ""), now
            if not self._name:
                raise NoIndex("The index is not built yet: run manage.py reindex.")
            return self._name

    def forget(self) -> None:
        with self._lock:
            self._name = ""


pointer = _Pointer()


def prepare(question: str) -> None:
    """Embed `question` now for a search that is about to come."""
    packed_query_vector(question.strip())


def warm_up() -> None:
    """Load what the first search needs. Raises NoIndex before the first building."""
    store.load_texts(pointer.name())
    find_articles("warm up")


def find_articles(question: str, *, count: int = NEIGHBOURS) -> list[FoundArticle]:
    """Return the articles nearest to `question`, best first.

    Raises NoIndex before the first building of the index.
    """
    vector = query_vector(question.strip())
    try:
        hits = store.nearest(pointer.name(), vector, count)
    except (NoIndex, store.NotOwner):
        raise
    except Exception:
        # The collection may have been replaced since the pointer was read.
        pointer.forget()
        hits = store.nearest(pointer.name(), vector, count)
    found: dict[int, list[FoundText]] = {}
    for hit in hits:
        found.setdefault(hit.article, []).append(FoundText(hit.text, hit.language, hit.similarity))
    return [FoundArticle(article, tuple(texts)) for article, texts in found.items()]


def published_answer(article_id: int, language: str) -> PublishedAnswer | None:
    """Return the article's answer in `language`, else in English, else in any; None if hidden.

    An answer that was read before is read again only after an edit of its article.
    """
    as_of = (
        Article.objects.filter(pk=article_id, status=Article.Status.PUBLISHED)
        .values_list("updated_at", flat=True)
        .first()
    )
    if as_of is None:
        return None
    known = _answers.get((article_id, language))
    if known is None or known.updated_at != as_of:
        known = _read_answer(article_id, language)
        if known is None:
            return None
        if len(_answers) >= _MOST_ANSWERS:
            _answers.clear()
        _answers[article_id, language] = known
    return replace(known, category=category_name(known.category_id, known.language))


def _read_answer(article_id: int, language: str) -> PublishedAnswer | None:
    translations = list(
        ArticleTranslation.objects.select_related("article__category").filter(
            article_id=article_id, article__status=Article.Status.PUBLISHED
        )
    )
    if not translations:
        return None
    by_language = {translation.language: translation for translation in translations}
    chosen = by_language.get(language) or by_language.get("en") or translations[0]
    article = chosen.article
    return PublishedAnswer(
        article_id=article.pk,
        topic=article.category.slug,
        category_id=article.category_id,
        category="",
        title=chosen.title,
        text=chosen.answer,
        html=chosen.answer_html,
        language=chosen.language,
        updated_at=article.updated_at,
        url=chosen.url or None,
    )


def category_name(category_id: int, language: str) -> str:
    """Return the category's name in `language`, else the general one."""
    key = f"category:{category_id}:{language}"
    name: str | None = cache.get(key)
    if name is None:
        category = Category.objects.prefetch_related("translations").get(pk=category_id)
        name = category.name_in(language)
        cache.set(key, name, timeout=_NAMES_SECONDS)
    return name


def suggestions(language: str, *, count: int = 4) -> list[str]:
    """Return the questions that the chat's first screen offers, in `language` or English."""
    rows = (
        ArticleTranslation.objects.filter(
            article__status=Article.Status.PUBLISHED,
            article__suggest__isnull=False,
            language=language,
        )
        .order_by("article__suggest", "article_id")
        .values_list("title", flat=True)[:count]
    )
    return list(rows) or (suggestions("en", count=count) if language != "en" else [])


def topic_names() -> dict[str, str]:
    """Return the categories' names by slug, in the language that is active."""
    language = (get_language() or "en").partition("-")[0]
    key = f"topics:{language}"
    names: dict[str, str] | None = cache.get(key)
    if names is None:
        names = {
            category.slug: category.name_in(language)
            for category in Category.objects.prefetch_related("translations")
        }
        cache.set(key, names, timeout=_NAMES_SECONDS)
    return names
