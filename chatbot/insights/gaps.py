"""What customers asked and nobody had written: clustered, drafted into articles, or put aside."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chatbot.answering.masking import PLACEHOLDER, mask_all
from chatbot.conversations.models import Conversation, HandoffReason, Message
from chatbot.conversations.wording import our_language
from chatbot.insights.clusters import Vectors, by_typicality, clusters_of
from chatbot.insights.models import GapDecision
from knowledge import services as knowledge
from knowledge.catalog import prior
from knowledge.embeddings import embedded_question, query_vector
from knowledge.field import unit
from knowledge.models import Article, Category

ALIKE = 0.45  # mean cosine of a group's questions, each centred on its language
_MOST = 600  # newest handoffs that are looked at
_THREADS = max(1, (os.cpu_count() or 1) // 2)  # customers ask meanwhile
_REASONS = (HandoffReason.LOW_CONFIDENCE, HandoffReason.MISSING_KNOWLEDGE)
_SHORTEST_REPLY = 20  # characters; "Hi, one moment" answers nothing
_MOST_QUESTIONS = 12  # variants of a draft


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a person had to answer, and what they answered first."""

    conversation_id: int
    question: str
    language: str
    topic: str
    reply: str
    reply_by: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask the same, the most typical first, and replies, likewise."""

    asked: tuple[Asked, ...]
    replies: tuple[Asked, ...]

    @property
    def typical(self) -> Asked:
        """Return the question that is nearest to all others."""
        return self.asked[0]

    @property
    def languages(self) -> list[tuple[str, int]]:
        """Return the languages with how often each, the most frequent first."""
        return Counter(one.language for one in self.asked).most_common()

    @property
    def ids(self) -> str:
        """Return its conversations, as a form carries them."""
        return ",".join(str(one.conversation_id) for one in self.asked)


def gaps(*, days: int) -> list[Gap]:
    """Return what was handed off in the last `days` for want of an answer, largest first."""
    asked = _asked(Q(handed_off_at__gte=timezone.now() - timedelta(days=days)))
    vectors = _vectors([(one.question, one.language) for one in asked])
    return [_gap([asked[row] for row in rows]) for rows in clusters_of(vectors, alike=ALIKE)]


def gap_of(conversation_ids: Sequence[int]) -> Gap | None:
    """Return the gap of these conversations, as far as they are undecided; None for none."""
    asked = _asked(Q(pk__in=conversation_ids))
    if not asked:
        return None
    vectors = _vectors([(one.question, one.language) for one in asked])
    order = by_typicality(range(len(asked)), (vectors @ vectors.T).astype(float))
    return _gap([asked[row] for row in order])


def _gap(asked: Sequence[Asked]) -> Gap:
    replies = [one for one in asked if one.reply]
    if len(replies) < 2:
        return Gap(tuple(asked), tuple(replies))
    vectors = _vectors([(one.reply, one.language) for one in replies])
    order = by_typicality(range(len(replies)), (vectors @ vectors.T).astype(float))
    return Gap(tuple(asked), tuple(replies[row] for row in order))


def _asked(which: Q) -> list[Asked]:
    rows = (
        Conversation.objects.filter(which, reason__in=_REASONS, handed_off_at__isnull=False)
        .exclude(gap__created_at__gte=F("handed_off_at"))
        .order_by("-handed_off_at", "-pk")
        .values_list("pk", "handoff__question", "language", "topic", "handed_off_at")[:_MOST]
    )
    found = [row for row in rows if row[1]]
    after = {pk: at for pk, _, _, _, at in found if at}
    replies: dict[int, tuple[str, str]] = {}
    said = Message.objects.filter(
        conversation__in=after, author=Message.Author.AGENT, kind=Message.Kind.TEXT
    ).order_by("pk")
    for pk, text, name, at in said.values_list(
        "conversation_id", "text", "author_name", "created_at"
    ):
        if pk not in replies and at >= after[pk] and len(text) >= _SHORTEST_REPLY:
            replies[pk] = (text, name)
    return [
        Asked(pk, question, language, topic, *replies.get(pk, ("", "")))
        for pk, question, language, topic, _ in sorted(found)
    ]


def _vectors(texts: Sequence[tuple[str, str]]) -> Vectors:
    """Return the texts' vectors, each centred on its language and of unit length."""
    general = prior()
    if not texts:
        return np.zeros((0, len(general.mean)), dtype=np.float32)
    with ThreadPoolExecutor(_THREADS) as pool:  # most are known already
        found = list(pool.map(query_vector, [embedded_question(text) for text, _ in texts]))
    means = [general.by_language.get(language, general.mean) for _, language in texts]
    return unit(np.stack(found) - np.stack(means))


def solved(*, conversation: Conversation) -> Gap | None:
    """Return what a conversation that a person solved asked, with their fullest reply.

    None where nobody asked anything or nobody answered it. What else its customer asked in so
    many words are variants.
    """
    said = conversation.messages.filter(kind=Message.Kind.TEXT).exclude(text="").order_by("pk")
    asked = [one.text for one in said.filter(author=Message.Author.CONTACT)]
    replies = list(said.filter(author=Message.Author.AGENT))
    question = conversation.handoff.get("question") or next(iter(asked), "")
    if not question or not replies:
        return None
    reply = max(replies, key=lambda one: len(one.text))
    variants = [question, *(text for text in asked if text.rstrip().endswith("?"))]
    rows = tuple(
        Asked(
            conversation.pk,
            text,
            conversation.language,
            conversation.topic,
            reply.text,
            reply.author_name,
        )
        for text in dict.fromkeys(variants)
    )
    return Gap(rows, rows[:1])


# --- Decisions --------------------------------------------------------------------------------
def draft_article(*, gap: Gap, user_id: int, names: Sequence[str] = ()) -> Article:
    """Make an unpublished article of a gap, for a person to finish.

    The questions become its variants, the most typical human reply its answer; personal data
    that has a form (addresses, numbers) is left out, and `names`. Other names are for the person
    to take out.
    """
    typical = gap.replies[0] if gap.replies else gap.typical
    language = our_language(typical.language)
    title, answer, *questions = _without_personal_data(
        [gap.typical.question, typical.reply, *(one.question for one in gap.asked)], names
    )
    variants = dict.fromkeys(
        (our_language(one.language), text[:300])
        for one, text in zip(gap.asked, questions, strict=True)
    )
    with transaction.atomic():
        article = knowledge.draft_article(
            title=title,
            answer=answer,
            language=language,
            category=_category(gap),
            questions=list(variants)[:_MOST_QUESTIONS],
        )
        settle(gap=gap, user_id=user_id, article=article)
    return article


def settle(*, gap: Gap, user_id: int, article: Article | None = None) -> None:
    """Take a gap's questions off the list."""
    for one in gap.asked:
        GapDecision.objects.update_or_create(
            conversation_id=one.conversation_id,
            defaults={"article": article, "user_id": user_id, "created_at": timezone.now()},
        )


def _without_personal_data(texts: Sequence[str], names: Sequence[str]) -> list[str]:
    masked, _ = mask_all(texts, names)
    return [PLACEHOLDER.sub("…", text).strip() for text in masked]


def _category(gap: Gap) -> Category:
    """Return the category that the questions were nearest to, else the first."""
    topics = Counter(one.topic for one in gap.asked if one.topic)
    named = Category.objects.filter(slug__in=list(topics)).in_bulk(field_name="slug")
    best = max(named.values(), key=lambda category: topics[category.slug], default=None)
    return best or knowledge.first_category()


def days_of(chosen: str) -> int:
    """Return the period that was chosen: 30 days, or 90."""
    return 90 if chosen == "90" else 30
