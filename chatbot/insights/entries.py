"""Entries of knowledge as an admin knows them: by title, with the page where they are edited."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language

from knowledge.models import Article, Passage
from knowledge.passages import passage_id


@dataclass(frozen=True, slots=True)
class Entry:
    """An article, or a place in a source."""

    name: str
    title: str
    kind: str
    url: str
    is_article: bool


def entries_named(names: Iterable[str]) -> dict[str, Entry]:
    """Return the entries by name; what is gone is not in it."""
    wanted = list(dict.fromkeys(names))
    passages = {first: name for name in wanted if (first := passage_id(name)) is not None}
    articles = [int(name) for name in wanted if passage_id(name) is None]
    language = (get_language() or "en").partition("-")[0]
    named: dict[str, Entry] = {}
    for article in Article.objects.filter(pk__in=articles).prefetch_related("translations"):
        titles = {t.language: t.title for t in article.translations.all()}
        either = next(iter(titles.values()), article.slug)
        title = titles.get(language) or titles.get("en") or either
        url = reverse("admin:knowledge_article_change", args=[article.pk])
        named[str(article.pk)] = Entry(str(article.pk), title, "", url, True)
    for passage in Passage.objects.filter(pk__in=passages).select_related("source"):
        name = passages[passage.pk]
        url = reverse("admin:knowledge_source_change", args=[passage.source_id])
        label = passage.question or passage.label or passage.source.name
        named[name] = Entry(name, label, passage.source.name, url, False)
    return named
