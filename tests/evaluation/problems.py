"""Measure new kinds of problem on the demo shop's questions, through the code that finds them.

python -m tests.evaluation.problems

It builds a shop in a folder of its own, which takes a minute or two. Each question comes from a
customer of its own, the same question in up to four languages from as many.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.world import build_shop

_ORDERS = 8  # random orders in which customers come
_MEASURED = "low_confidence", "missing_knowledge"


@dataclass(frozen=True)
class Asked:
    """A question that went to a person: which matter it is, and what was made of it."""

    matter: str
    is_new: bool  # no article answers it
    language: str
    text: str
    topic: str
    marks: dict[str, Any]


def handed_off() -> list[Asked]:
    """Return the questions that the shop's bot hands off for want of an answer."""
    from chatbot import triage, wiring
    from chatbot.answering.drafting import draft_answer
    from chatbot.answering.gate import HandOff, Policy, decide
    from chatbot.answering.understanding import understand

    written = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))
    found = []
    for kind in ("questions", "out_of_scope"):
        for number, texts in enumerate(written[kind]):
            for language in ("en", "da", "sv", "de"):
                if language not in texts:
                    continue
                understanding = understand(texts[language], hint=language)
                draft = draft_answer(
                    understanding, wiring.knowledge(), wiring.confidence_model(None)
                )
                decision = decide(draft, Policy())
                if not isinstance(decision, HandOff) or decision.reason not in _MEASURED:
                    continue
                topic = decision.topic or triage.topic_of(draft, wiring.knowledge())
                marks = triage.marks_of(draft, topic)
                found.append(
                    Asked(
                        f"{kind}-{number}",
                        kind == "out_of_scope",
                        draft.language,
                        understanding.question,
                        topic,
                        marks,
                    )
                )
    return found


def problems_of(asked: list[Asked]) -> list[Counter[str]]:
    """Return the problems made of `asked` in this order: how often each matter is in each."""
    from django.utils import timezone

    from chatbot.conversations.models import Channel, Conversation
    from chatbot.conversations.recording import ensure_identity
    from chatbot.routing.models import NewProblem, UnknownCase
    from chatbot.routing.problems import note_case

    UnknownCase.objects.all().delete()
    NewProblem.objects.all().delete()
    channel, matters = Channel.objects.earliest("pk"), {}
    for number, one in enumerate(asked):
        identity = ensure_identity(channel_id=channel.pk, sender_id=f"measured-{number}")
        Conversation.objects.filter(identity=identity).delete()
        conversation = Conversation.objects.create(
            channel=channel,
            contact=identity.contact,
            identity=identity,
            status="queued",
            language=one.language,
            handed_off_at=timezone.now(),
            handoff={"question": one.text, "at": "now", "evidence": one.marks},
        )
        matters[conversation.pk] = one.matter
        note_case(conversation=conversation, question=one.text)
    return [
        Counter(matters[pk] for pk in problem.cases.values_list("conversation_id", flat=True))
        for problem in NewProblem.objects.all()
    ]


def share(asked: list[Asked], which: Callable[[Asked], bool]) -> str:
    """Return how many of `asked` are so, and of how many."""
    number = sum(map(which, asked))
    return f"{number} of {len(asked)} ({number / max(len(asked), 1):.0%})"


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main() -> None:
    """Print the figures."""
    import numpy as np

    asked = handed_off()
    new = [one for one in asked if one.is_new]
    known = [one for one in asked if not one.is_new]
    _say("handed-off questions that are far from all topics")
    _say("  that no article answers:", share(new, lambda one: one.marks.get("far", False)))
    _say("  that one does:          ", share(known, lambda one: one.marks.get("far", False)))
    _say("  or have no topic:       ", share(new, lambda one: bool(one.marks)))
    _say("  that one does:          ", share(known, lambda one: bool(one.marks)))
    unplaced = [one for one in asked if one.marks]
    often = Counter(one.matter for one in unplaced)
    could = [matter for matter, times in often.items() if times >= 3]
    found, wrong, mixed = [], [], []
    for seed in range(_ORDERS):
        order = np.random.default_rng(seed).permutation(len(unplaced))
        made = problems_of([unplaced[place] for place in order])
        main_matter = [problem.most_common(1)[0] for problem in made]
        found.append(len({matter for matter, _ in main_matter if matter.startswith("out_of")}))
        wrong.append(sum(not matter.startswith("out_of") for matter, _ in main_matter))
        mixed.append(
            sum(
                times * 3 < 2 * problem.total()
                for problem, (_, times) in zip(made, main_matter, strict=True)
            )
        )
    _say("matters that three or more asked, none with a topic")
    _say("  new:", sum(matter.startswith("out_of") for matter in could), "found:", np.mean(found))
    _say("  known:", sum(not m.startswith("out_of") for m in could), "proposed:", np.mean(wrong))
    _say("  problems of which more than a third is another matter:", np.mean(mixed))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="svar-problems-") as folder:
        os.environ |= {
            "SVAR_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        os.environ.setdefault("SVAR_SECRET_KEY", "of the measurement, and long enough for it")
        build_shop(Path(folder))
        import django

        django.setup()
        from knowledge import store

        store.own()
        main()
