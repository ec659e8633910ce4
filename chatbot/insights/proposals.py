"""What a supervisor reads of new kinds of problem: the questions, and what they may be called."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.conf import settings
from django.utils.translation import get_language

from chatbot.answering.naming import title_of, typical_words, without_personal_data
from chatbot.conversations.wording import our_language
from chatbot.insights import gaps
from chatbot.routing import problems
from chatbot.routing.models import NewProblem, Skill, UnknownCase
from knowledge.catalog import NoIndex, catalog
from knowledge.field import Field, unit
from knowledge.models import Article, Category
from knowledge.search import topic_names

_NEAREST = 3  # of a topic's articles say how near the topic is
_MOST_SHOWN = 60
_LONGEST = 60  # characters of a question that stands for a name


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A customer's question without what is personal in it; `topic` is what somebody gave it."""

    id: int
    conversation_id: int
    question: str
    language: str
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A problem that waits, the most typical question first.

    names: (language, name, what it might be called). skills: (skill, whether it is proposed).
    topic: the nearest that exists, or "".
    """

    id: int
    since: datetime
    cases: tuple[ShownCase, ...]
    languages: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, str, str], ...]
    skills: tuple[tuple[Skill, bool], ...]
    topic: str

    @property
    def shown(self) -> tuple[ShownCase, ...]:
        """Return the most typical of its cases: as many as one reads."""
        return self.cases[:_MOST_SHOWN]

    @property
    def title(self) -> ShownCase:
        """Return the most typical of its cases: of those in the reader's language, if any."""
        language = our_language(get_language() or "")
        own = (case for case in self.cases if our_language(case.language) == language)
        return next(own, self.cases[0])

    @property
    def more(self) -> int:
        """Return how many cases there are besides."""
        return len(self.cases) - len(self.shown)


def proposals() -> list[Proposal]:
    """Return the problems that wait for a decision, the one that was asked most first."""
    field = _field()
    topics = _topics_of_entries(field) if field else {}
    skills = list(Skill.objects.prefetch_related("topics"))
    return [_proposal(problem, field, topics, skills) for problem in problems.open_problems()]


def _proposal(
    problem: NewProblem,
    field: Field | None,
    topics: Mapping[int, str],
    skills: Sequence[Skill],
) -> Proposal:
    cases = problems.cases_of(problem)
    shown = shown_cases(cases)
    nearest = _nearest_topic(problem, field, topics) if field else ""
    able = {skill.pk for skill in skills if nearest in {t.slug for t in skill.topics.all()}}
    languages = Counter(case.language for case in shown).most_common()
    return Proposal(
        id=problem.pk,
        since=min(case.at for case in shown),
        cases=tuple(shown),
        languages=tuple(languages),
        names=tuple(_names(problem, shown, field)),
        skills=tuple((skill, skill.pk in able) for skill in skills),
        topic=nearest,
    )


def shown_cases(cases: Sequence[UnknownCase]) -> list[ShownCase]:
    """Return cases as people here read them."""
    names = topic_names()
    people = [case.conversation.contact.name for case in cases]
    questions = without_personal_data([case.question for case in cases], people)
    return [
        ShownCase(
            id=case.pk,
            conversation_id=case.conversation_id,
            question=question,
            language=case.conversation.language,
            topic=names.get(case.conversation.topic, case.conversation.topic),
            at=case.created_at,
        )
        for case, question in zip(cases, questions, strict=True)
    ]


# --- What it may be called ----------------------------------------------------------------------
def _names(
    problem: NewProblem, cases: Sequence[ShownCase], field: Field | None
) -> list[tuple[str, str, str]]:
    """Return a name for each language: the model's, else the words of the questions in it."""
    known, total = (field.known_words, len(field.questions)) if field else ({}, 0)

    def named(questions: Sequence[str]) -> str:
        return title_of(typical_words(questions, known, total))

    by_language = defaultdict(list)
    for case in cases:
        by_language[our_language(case.language)].append(case.question)
    general = named([case.question for case in cases]) or cases[0].question[:_LONGEST]
    found = []
    for code, label in settings.LANGUAGES:
        own = named(by_language[code]) if len(by_language[code]) > 1 else ""
        found.append((code, str(label), str(problem.names.get(code) or own or general)))
    return found


# --- What it is near ----------------------------------------------------------------------------
def _field() -> Field | None:
    try:
        return catalog.current()[1].every
    except NoIndex:
        return None


def _topics_of_entries(field: Field) -> dict[int, str]:
    """Return the topics of the field's articles, by their place in it."""
    topics = dict(Article.objects.values_list("pk", "category__slug"))
    return {
        place: topics[int(name)]
        for place, name in enumerate(field.entries)
        if name.isdecimal() and int(name) in topics
    }


def _nearest_topic(problem: NewProblem, field: Field, topics: Mapping[int, str]) -> str:
    """Return the topic whose best articles are nearest to the problem; "" where there is none."""
    centre = np.asarray(problem.centre, dtype=np.float32)
    asked = [place for place in topics if field.counts[place] > 0]
    if not asked or len(centre) != field.totals.shape[1]:
        return ""
    means = (field.totals[asked] / field.counts[asked, None]).astype(np.float32)
    cosines = unit(means - field.centre) @ centre
    near: dict[str, list[float]] = defaultdict(list)
    for place, cosine in zip(asked, cosines.tolist(), strict=True):
        near[topics[place]].append(cosine)
    return max(sorted(near), key=lambda topic: _best(near[topic]))


def _best(cosines: Sequence[float]) -> float:
    best = sorted(cosines, reverse=True)[:_NEAREST]
    return sum(best) / len(best)


# --- What comes of it ---------------------------------------------------------------------------
def draft_article(*, cases: Sequence[ShownCase], category: Category, user_id: int) -> Article:
    """Begin an unpublished article of a new topic, the questions its variants.

    As with gaps, its answer is the most typical human reply, and they are gaps no more.
    """
    gap = gaps.gap_of([case.conversation_id for case in cases])
    if gap is None:  # they came for other reasons, or were decided about there
        asked = tuple(
            gaps.Asked(case.conversation_id, case.question, case.language, category.slug, "", "")
            for case in cases
        )
        gap = gaps.Gap(asked, ())
    return gaps.draft_article(gap=gap, user_id=user_id)
