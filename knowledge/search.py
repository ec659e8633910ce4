"""What the bot knows about a question: entries of the index, and their published answers."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.core.cache import cache
from django.utils.html import linebreaks
from django.utils.translation import get_language

from knowledge import passages, store
from knowledge.catalog import NoIndex, catalog
from knowledge.embeddings import embedded_question, packed_query_vector, query_vector
from knowledge.field import ANSWERS, Array, Ranking
from knowledge.models import Article, ArticleTranslation, Category, Passage, Source

_NAMES_SECONDS = 10  # categories are renamed seldom


@dataclass(frozen=True, slots=True)
class PublishedAnswer:
    """What a published article says in one language, or a source's passages in theirs."""

    entry: str
    topic: str
    category_id: int
    category: str
    title: str
    text: str
    html: str
    language: str
    updated_at: datetime
    url: str | None
    threshold: float | None = None
    action: str = ""
    offers: str = ""


_MOST_ANSWERS = 2_000
_answers: dict[tuple[int, str], PublishedAnswer] = {}


def prepare(question: str) -> None:
    """Embed `question` now for a search that is about to come."""
    packed_query_vector(embedded_question(question))


def warm_up() -> None:
    """Load what the first search needs. Raises NoIndex before the first building."""
    find_entries("warm up")


def find_entries(question: str, language: str = "") -> Ranking:
    """Return the entries near `question`, best first, and the evidence for the best.

    Raises NoIndex before the first building of the index.
    """
    vector = query_vector(embedded_question(question))
    try:
        return _find(question, vector, language)
    except (NoIndex, store.NotOwner):
        raise
    except Exception:
        # The collections may have been replaced since the run in use was looked up.
        catalog.look_again()
        return _find(question, vector, language)


def _find(question: str, vector: Array, language: str) -> Ranking:
    name, fields = catalog.current()
    vector = fields.every.moved(vector, language)
    near = store.nearest(name, vector, fields.wanted)
    near_answers = store.nearest(name, vector, ANSWERS, questions=False)
    return fields.rank(question, vector, language, near, near_answers)


def published_answer(entry: str, language: str, question: str = "") -> PublishedAnswer | None:
    """Return what `entry` says; None if it is hidden.

    An article's answer is in `language`, else in English, else in any. Passages of a source
    answer `question` in their own words.
    """
    first = passages.passage_id(entry)
    if first is None:
        return _article_answer(int(entry), language)
    return _passage_answer(first, question)


def _article_answer(article_id: int, language: str) -> PublishedAnswer | None:
    """Return an article's answer; once it was read, only an edit has it read again."""
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
    name, threshold = _category(known.category_id, known.language)
    return replace(known, category=name, threshold=threshold)


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
        entry=str(article.pk),
        topic=article.category.slug,
        category_id=article.category_id,
        category="",
        title=chosen.title,
        text=chosen.answer,
        html=chosen.answer_html,
        language=chosen.language,
        updated_at=article.updated_at,
        url=chosen.url or None,
        action=article.action,
        offers=article.offers,
    )


def _passage_answer(passage_id: int, question: str) -> PublishedAnswer | None:
    """Return a pair's answer in full, or the best sentences of passages."""
    first = (
        Passage.objects.filter(pk=passage_id, source__status=Source.Status.ACTIVE)
        .select_related("source__category")
        .defer("source__indexed_ids", "embedded")
        .first()
    )
    if first is None:
        return None
    source, text = first.source, first.text
    if not first.question:
        text = passages.quote(passages.together(first), question)
    # Nothing of a page's own HTML comes along: its text is escaped, line breaks are kept.
    html = linebreaks(text, autoescape=True)
    language = {"nb": "da"}.get(first.language, first.language or "en")
    name, threshold = _category(source.category_id, language)
    return PublishedAnswer(
        entry=passages.entry_name(first.pk),
        topic=source.category.slug,
        category_id=source.category_id,
        category=name,
        title=passages.title_of(first),
        text=text,
        html=html if first.question else f"<blockquote>{html}</blockquote>",
        language=language,
        updated_at=source.read_at or source.changed_at,
        url=passages.address_of(first),
        threshold=threshold,
    )


def _category(category_id: int, language: str) -> tuple[str, float | None]:
    """Return the category's name in `language`, else the general one, and its threshold."""
    key = f"category:{category_id}:{language}"
    known: tuple[str, float | None] | None = cache.get(key)
    if known is None:
        category = Category.objects.prefetch_related("translations").get(pk=category_id)
        known = (category.name_in(language), category.threshold)
        cache.set(key, known, timeout=_NAMES_SECONDS)
    return known


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


def action_titles(language: str) -> dict[str, str]:
    """Return what customers call each published action, by its name, in `language` or English."""
    key = f"action-titles:{language}"
    titles: dict[str, str] | None = cache.get(key)
    if titles is None:
        rows = ArticleTranslation.objects.filter(
            article__status=Article.Status.PUBLISHED, language__in=("en", language)
        ).exclude(article__action="")
        titles = {}
        for row in sorted(rows.select_related("article"), key=lambda row: row.language == language):
            titles[row.article.action] = row.title
        cache.set(key, titles, timeout=_NAMES_SECONDS)
    return titles


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
