"""Which topic a ticket's subject is about, where its category does not say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from knowledge.catalog import NoIndex
from knowledge.models import Article, Passage
from knowledge.passages import passage_id
from knowledge.search import find_entries
from knowledge.store import NotOwner

_MOST = 6  # entries looked at
_SHARE = 0.45  # of what is near, from which their topic is the ticket's
_UNKNOWN = 0.4  # share of words that nobody has written, above which it is about something else


class NothingToSearch(Exception):
    """There is no index of the knowledge yet, or another process has it."""


def topics_of(subjects: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Return a topic's slug for each (subject, language); "" where it is not clear.

    On questions that were written for no article in particular it names two of five, and five of
    six of those right (docs/routing-import.md). Takes 10 to 30 ms for each.
    Raises NothingToSearch.
    """
    known: dict[str, str] = {}
    try:
        return {(text, language): _topic_of(text, language, known) for text, language in subjects}
    except (NoIndex, NotOwner) as error:
        raise NothingToSearch from error


def _topic_of(text: str, language: str, known: dict[str, str]) -> str:
    ranking = find_entries(text, language)
    if not ranking.entries or ranking.evidence.get("unknown", 1.0) > _UNKNOWN:
        return ""
    near: dict[str, float] = defaultdict(float)
    for entry in ranking.entries[:_MOST]:
        if entry.entry not in known:
            known[entry.entry] = _topic_of_entry(entry.entry)
        near[known[entry.entry]] += max(entry.score, 0.0)
    best = max(near, key=near.__getitem__)
    return best if near[best] >= _SHARE * sum(near.values()) else ""


def _topic_of_entry(entry: str) -> str:
    passage = passage_id(entry)
    if passage is None:
        article = Article.objects.filter(pk=entry).select_related("category").first()
        return article.category.slug if article else ""
    quoted = Passage.objects.filter(pk=passage).select_related("source__category").first()
    return quoted.source.category.slug if quoted else ""
