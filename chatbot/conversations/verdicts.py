"""The writes of verdicts: whether what the bot had for a question was right."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from chatbot.conversations.models import Message, Verdict


def record_verdict(
    *, message_id: int, right: bool, source: str, user_id: int | None = None
) -> Verdict | None:
    """Record whether what the bot had for a question was right; an agent's word counts more.

    None where there is no such question any more, or an agent has said so already.
    """
    with transaction.atomic():
        if not Message.objects.filter(pk=message_id, author=Message.Author.CONTACT).exists():
            return None
        known = Verdict.objects.filter(message_id=message_id).first()
        if known and known.source == Verdict.Source.AGENT and source != Verdict.Source.AGENT:
            return None
        verdict, _ = Verdict.objects.update_or_create(
            message_id=message_id,
            defaults={
                "right": right,
                "source": source,
                "user_id": user_id,
                "created_at": timezone.now(),
            },
        )
    return verdict


def note_evidence(*, message: Message, confidence: float, evidence: Mapping[str, Any]) -> None:
    """Keep what the bot had for a question, unless something was kept: verdicts refer to it."""
    if evidence and not message.evidence:
        message.confidence, message.evidence = confidence, dict(evidence)
        message.save(update_fields=["confidence", "evidence"])
