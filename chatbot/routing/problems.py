"""New kinds of problem: handed-off questions far from all topics, and those among them alike.

A case is a question without a topic; most are far from all topics, some only in doubt. A case alone
waits. Once enough customers have asked alike (`settings.NEW_PROBLEM_CASES`) and at least half of
the cases are far, a problem is made of them and a supervisor says what it is: a new topic, one that
exists, or nothing. Words differ: of the same question, one way to ask it is far and another is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from chatbot.background import enqueue
from chatbot.conversations import services as conversations
from chatbot.conversations.models import Conversation, Status
from chatbot.routing.models import NewProblem, Skill, UnknownCase
from chatbot.routing.services import classify
from chatbot.routing.similar import embed, keep_vector, made_by, unpacked
from knowledge import services as knowledge
from knowledge.field import Array, unit
from knowledge.models import Category

ALIKE = 0.45  # cosine from which questions are of one kind: measured, docs/new-problems.md
_FEWEST_WORDS = 2  # one word is a try, or a mistake
_MOST_LOOSE = 2_000  # newest cases without a problem that are compared
_MOST_PROBLEMS = 500
_MOST_SHOWN = 60
_DIGITS = 5  # of a vector's numbers; the cosines that count have two


class AlreadyDecided(Exception):
    """Somebody has decided about the problem or the case."""


# --- What comes in ------------------------------------------------------------------------------
def note_case(*, conversation: Conversation, question: str) -> NewProblem | None:
    """Keep what a handed-off conversation is about; return the problem that was made of it.

    That is one in three to five: most are near a topic, or alone. `question` is what the customer
    wants, without a greeting.
    """
    packed = embed(question)  # while nobody waits to write: an update has thousands looked at
    with transaction.atomic():
        vector = keep_vector(conversation=conversation, packed=packed)
        case = UnknownCase.objects.filter(conversation=conversation).first()
        if case is not None and _is_known(case, conversation):
            _change_vector(case, vector)  # of other embeddings, since it was kept before
            return None
        if not _has_no_topic(conversation) or len(question.split()) < _FEWEST_WORDS:
            return None
        case, _ = UnknownCase.objects.update_or_create(
            conversation=conversation,
            defaults={
                "question": question,
                "vector": _packed(vector),
                "created_at": timezone.now(),
            },
        )
        return _join(case)


def _is_known(case: UnknownCase, conversation: Conversation) -> bool:
    """Return whether the case is of this handoff, or a decided one that stays as it is."""
    at = conversation.handed_off_at
    settled = case.problem_id is not None or case.reviewed_at is not None
    return settled or at is None or case.created_at >= at


def _has_no_topic(conversation: Conversation) -> bool:
    """Return whether it was a question without a topic, as `chatbot.triage` says, and still is."""
    evidence = conversation.handoff.get("evidence") or {}
    return "far" in evidence and not conversation.topic


def _change_vector(case: UnknownCase, vector: Array) -> None:
    case.vector = _packed(vector)
    case.save(update_fields=["vector"])
    if case.problem is not None:
        _centre(case.problem)


def _join(case: UnknownCase) -> NewProblem | None:
    """Put a case to the problem it is alike, or make one of it and others; return a new one."""
    # In one order, so that two who look at once do not wait for each other.
    problems = list(NewProblem.objects.select_for_update().order_by("-pk")[:_MOST_PROBLEMS])
    own = np.asarray(case.vector, dtype=np.float32)
    nearest = max(problems, key=lambda problem: _cosine(problem.centre, own), default=None)
    if nearest is not None and _cosine(nearest.centre, own) >= ALIKE:
        _add(nearest, [case])
        return None
    return _make_problem(case, own)


@dataclass(frozen=True, slots=True)
class _Loose:
    """Cases without a problem: ids, contacts, whether each is far, and vectors, one a row."""

    ids: npt.NDArray[np.int64]
    contacts: npt.NDArray[np.int64]
    far: npt.NDArray[np.bool_]
    vectors: Array


def _make_problem(case: UnknownCase, own: Array) -> NewProblem | None:
    loose = _read_loose()
    near = np.flatnonzero(loose.vectors @ own >= ALIKE)
    if not len(near):
        return None
    centre = unit(loose.vectors[near].mean(axis=0))
    near = near[loose.vectors[near] @ centre >= ALIKE]
    enough = len(set(loose.contacts[near].tolist())) >= settings.NEW_PROBLEM_CASES
    if not enough or 2 * int(loose.far[near].sum()) < len(near):
        return None
    centre = unit(loose.vectors[near].mean(axis=0))
    alike = loose.ids[np.flatnonzero(loose.vectors @ centre >= ALIKE)].tolist()
    rows = _loose().select_for_update(of=("self",)).filter(pk__in=alike).order_by("pk")
    cases = list(rows)
    if len(cases) < len(alike):  # another worker made a problem of some
        return _join(case)
    problem = NewProblem.objects.create(centre=_packed(centre))
    _add(problem, cases)
    return problem


def _read_loose() -> _Loose:
    rows = list(
        _loose()
        .filter(conversation__case_vector__made_by=made_by())
        .order_by("-pk")
        .values_list(
            "pk",
            "conversation__contact_id",
            "conversation__handoff__evidence__far",
            "conversation__case_vector__vector",
            "conversation__case_vector__language",
        )[:_MOST_LOOSE]
    )
    return _Loose(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([bool(row[2]) for row in rows], dtype=np.bool_),
        unpacked([(row[3], row[4]) for row in rows]),
    )


def _add(problem: NewProblem, cases: Sequence[UnknownCase]) -> None:
    decided = problem.state != NewProblem.State.OPEN
    for case in cases:
        case.problem = problem
        case.reviewed_at = timezone.now() if decided else None  # nobody has to look at it
        case.save(update_fields=["problem", "reviewed_at"])
        if decided and problem.topic is not None:
            _set_topic(case.conversation, problem.topic.slug)
    if cases:
        _centre(problem)


def _set_topic(conversation: Conversation, topic: str) -> None:
    """Give a conversation the topic of those it is alike, unless somebody has given one."""
    given = conversations.change_conversation(
        conversation=conversation, expected={"topic": ""}, topic=topic
    )
    if given and conversation.status == Status.QUEUED:
        enqueue("assign")  # to whoever has the skill for it


def _centre(problem: NewProblem) -> None:
    cases = list(problem.cases.order_by("-pk")[:_MOST_SHOWN])  # what is asked now, if it moves
    problem.centre = _packed(_mean(cases)) if cases else []
    problem.save(update_fields=["centre"])


def _mean(cases: Sequence[UnknownCase]) -> Array:
    """Return the mean of the newest cases' vectors; older ones may be of other embeddings."""
    vectors = [case.vector for case in cases if len(case.vector) == len(cases[0].vector)]
    return unit(np.asarray(vectors, dtype=np.float32).mean(axis=0))


def _cosine(stored: Sequence[float], vector: Array) -> float:
    if len(stored) != len(vector):
        return -1.0
    return float(np.asarray(stored, dtype=np.float32) @ vector)


def _packed(vector: Array) -> list[float]:
    return [round(float(value), _DIGITS) for value in vector]


def name_problem(*, problem: NewProblem, names: Mapping[str, str]) -> None:
    """Keep what a problem might be called, by language."""
    NewProblem.objects.filter(pk=problem.pk).update(names=dict(names))


# --- What is looked at --------------------------------------------------------------------------
def _loose() -> "QuerySet[UnknownCase]":
    """Return the cases that belong to nothing yet: no problem, no topic, no decision."""
    return UnknownCase.objects.select_related("conversation").filter(
        problem=None, reviewed_at=None, conversation__topic=""
    )


def open_problems() -> Sequence[NewProblem]:
    """Return the problems that wait for a decision, by their number of cases, `asked`."""
    return list(
        NewProblem.objects.filter(state=NewProblem.State.OPEN)
        .annotate(asked=Count("cases"))
        .filter(asked__gt=0)
        .order_by("-asked", "-pk")[:_MOST_SHOWN]
    )


def cases_of(problem: NewProblem) -> Sequence[UnknownCase]:
    """Return a problem's cases, the one nearest to all others first."""
    cases = list(problem.cases.select_related("conversation__contact").order_by("pk"))
    centre = np.asarray(problem.centre, dtype=np.float32)
    return sorted(cases, key=lambda case: -round(_cosine(case.vector, centre), 4))


def loose_cases() -> Sequence[UnknownCase]:
    """Return the newest cases that are alone and far from all topics."""
    far = _loose().filter(conversation__handoff__evidence__far=True)
    return list(far.select_related("conversation__contact").order_by("-pk")[:_MOST_SHOWN])


def decided_problems(*, most: int = 20) -> Sequence[NewProblem]:
    """Return the problems that were decided last, with how many cases each has as `asked`."""
    return list(
        NewProblem.objects.exclude(state=NewProblem.State.OPEN)
        .select_related("topic")
        .annotate(asked=Count("cases"))
        .order_by("-decided_at", "-pk")[:most]
    )


def waiting_count() -> int:
    """Return how many problems wait for a decision."""
    return (
        NewProblem.objects.filter(state=NewProblem.State.OPEN, cases__isnull=False)
        .distinct()
        .count()
    )


def others_alike(conversation: Conversation) -> int | None:
    """Return how many others asked what a conversation asks; None if that is no new kind.

    It is none any more once it has a topic.
    """
    case = UnknownCase.objects.filter(conversation=conversation, conversation__topic="").first()
    if case is None:
        return None
    if case.problem_id is None:
        return 0 if conversation.handoff["evidence"].get("far") else None
    return UnknownCase.objects.filter(problem=case.problem_id).exclude(pk=case.pk).count()


# --- What is decided ----------------------------------------------------------------------------
def make_topic(
    *,
    problem_id: int,
    names: Mapping[str, str],
    skill_ids: Iterable[int],
    case_ids: Iterable[int],
    user_id: int,
) -> Category:
    """Make a problem a topic that is called `names` by language, and give it its cases.

    Those of its cases that are not among `case_ids` belong to nothing again. `skill_ids` are what
    one needs for it. Raises AlreadyDecided.
    """
    with transaction.atomic():
        problem = _undecided(problem_id)
        category = knowledge.make_category(names=names)
        for skill in Skill.objects.filter(pk__in=list(skill_ids)):
            skill.topics.add(category)
        _accept(problem, category, case_ids, user_id)
    return category


def use_topic(
    *, problem_id: int, category: Category, case_ids: Iterable[int], user_id: int
) -> None:
    """Say that a problem is one of a topic that exists; see `make_topic`. Raises AlreadyDecided."""
    with transaction.atomic():
        _accept(_undecided(problem_id), category, case_ids, user_id)


def dismiss(*, problem_id: int) -> None:
    """Say that a problem is none: what is alike joins it unasked. Raises AlreadyDecided."""
    with transaction.atomic():
        problem = _undecided(problem_id)
        problem.cases.update(reviewed_at=timezone.now())
        _decide(problem, NewProblem.State.DISMISSED)


def review_case(*, case_id: int, category: Category | None, user_id: int) -> None:
    """Give a case that is alone its topic, or None: it needs none. Raises AlreadyDecided."""
    with transaction.atomic():
        reviewed = UnknownCase.objects.filter(pk=case_id, problem=None, reviewed_at=None).update(
            reviewed_at=timezone.now()
        )
        if not reviewed:
            raise AlreadyDecided
        if category is not None:
            case = UnknownCase.objects.select_related("conversation").get(pk=case_id)
            _label(case, category, user_id)


def _undecided(problem_id: int) -> NewProblem:
    problem = (
        NewProblem.objects.select_for_update()
        .filter(pk=problem_id, state=NewProblem.State.OPEN)
        .first()
    )
    if problem is None:
        raise AlreadyDecided
    return problem


def _accept(problem: NewProblem, category: Category, case_ids: Iterable[int], user_id: int) -> None:
    chosen = set(case_ids)
    for case in problem.cases.select_related("conversation"):
        if case.pk in chosen:
            _label(case, category, user_id)
    problem.cases.filter(pk__in=chosen).update(reviewed_at=timezone.now())
    problem.cases.exclude(pk__in=chosen).update(problem=None)
    problem.topic = category
    _centre(problem)
    _decide(problem, NewProblem.State.ACCEPTED)


def _label(case: UnknownCase, category: Category, user_id: int) -> None:
    classify(conversation=case.conversation, user_id=user_id, topic=category.slug)


def _decide(problem: NewProblem, state: str) -> None:
    problem.state, problem.decided_at = state, timezone.now()
    problem.save(update_fields=["state", "decided_at", "topic"])
