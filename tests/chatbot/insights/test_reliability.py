"""How right the bot is on the site's own labels, and refitting to them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.chatbot.insights.conftest import ask
from tests.world import Visitor


def boast(count: int = 60) -> None:
    """Record answers that the shipped model is sure of and half of which are wrong."""
    for number in range(count):
        ask(f"question {number}", strength=0.5 + number % 7 * 0.2, right=number % 2 == 0)


def test_without_labels_the_page_says_what_makes_them(
    visit: Callable[..., str],
) -> None:
    from chatbot.conversations.models import Verdict

    assert not Verdict.objects.exists()
    ask("how long does it take")
    shown = visit("reliability/")
    assert "Nobody has judged an answer yet" in shown
    assert "/admin/insights/review/" in shown
    assert "<svg xmlns" not in shown


def test_few_labels_say_how_many_are_needed(visit: Callable[..., str]) -> None:
    for number in range(3):
        ask(f"question {number}", strength=2, right=number > 0)
    shown = visit("reliability/")
    assert "3 of 40 judged answers: with 37 more" in shown
    assert "n = 3" in shown
    assert "and 2 of 3 answers are right" in shown
    assert "Use the refitted one" not in shown


def test_each_threshold_is_a_sentence_with_its_numbers() -> None:
    from chatbot.answering.evaluation import Scored
    from chatbot.insights.labels import steps
    from chatbot.insights.words import step

    scored = [Scored("a", "a", 0.85)] * 27 + [Scored(None, "a", 0.82)] * 3
    found = steps([0.8, 0.95], scored, [0.9] * 31 + [0.1] * 69)
    assert step(found[0]) == (
        "At 0.80 the bot answers 31% of questions, and 9 of 10 answers are right."
    )
    assert step(found[1]) == "At 0.95 the bot answers 0% of questions."
    assert (found[0].given, found[0].right) == (30, 27)
    nearly = steps([0.8], [*scored[:27]] * 3 + [scored[-1]], [])[0]
    assert nearly.of_ten == (9, 10)  # 81 of 82 is not all


def test_a_refit_is_shown_used_and_taken_back(visit: Callable[..., str]) -> None:
    from chatbot import wiring
    from chatbot.conversations.models import Channel, SiteConfidence

    channel = Channel.objects.earliest("pk").pk
    boast()
    shown = visit("reliability/")
    assert "Log loss" in shown
    assert "Use the refitted one" in shown
    assert "The refitted model is in use." in visit("reliability/", {"model": "refit"})
    row = SiteConfidence.objects.get(is_active=True)
    assert row.channel_id is None
    assert row.labels == 60
    assert row.loss_after < row.loss_before
    assert row.user is not None
    wiring.forget_models()
    refitted = wiring.confidence_model(channel)
    assert refitted != wiring.shipped_model()
    assert "In use: refitted to 60 judged answers" in visit("reliability/")
    assert "The shipped model is in use." in visit("reliability/", {"model": "shipped"})
    wiring.forget_models()
    assert wiring.confidence_model(channel) == wiring.shipped_model()
    assert "because somebody chose it" in visit("reliability/")


def test_what_does_not_help_cannot_be_used(visit: Callable[..., str]) -> None:
    from chatbot.conversations.models import SiteConfidence

    assert "Refitting does not help yet" in visit("reliability/", {"model": "refit"})
    assert not SiteConfidence.objects.exists()


def test_a_message_costs_no_query_for_its_model(rows: None) -> None:
    from chatbot import wiring

    wiring.forget_models()
    wiring.confidence_model(1)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(50):
            wiring.confidence_model(1)
    assert not len(queries)


def test_a_channels_own_model_comes_before_that_of_all(rows: None) -> None:
    from chatbot import wiring
    from chatbot.conversations.calibration import record_confidence
    from chatbot.conversations.models import Channel

    channel = Channel.objects.earliest("pk").pk
    move: dict[str, Any] = {"slope": 1.0, "is_active": True, "labels": 50}
    shipped = wiring.shipped_name()
    record_confidence(channel_id=None, shift=-1.0, shipped=shipped, **move)
    wiring.forget_models()
    assert wiring.confidence_model(channel).shift == -1.0
    record_confidence(channel_id=channel, shift=-2.0, shipped=shipped, **move)
    record_confidence(channel_id=channel, shift=-3.0, shipped=shipped, **move)
    wiring.forget_models()
    assert wiring.confidence_model(channel).shift == -3.0
    assert wiring.confidence_model(None).shift == -1.0
    assert wiring.confidence_model(channel + 1).shift == -1.0


def test_a_move_of_another_shipped_model_is_not_used(rows: None) -> None:
    from chatbot import wiring
    from chatbot.conversations.calibration import record_confidence

    record_confidence(channel_id=None, shift=-5, slope=1, shipped="older", is_active=True)
    wiring.forget_models()
    assert wiring.confidence_model(None) == wiring.shipped_model()


def test_it_refits_by_itself_once_there_is_enough_and_once_a_day(rows: None) -> None:
    from django.utils import timezone

    from chatbot.conversations.models import SiteConfidence, Verdict
    from chatbot.insights.refits import refit_due

    boast(39)
    refit_due.call()
    assert not SiteConfidence.objects.exists()
    boast(21)
    refit_due.call()
    row = SiteConfidence.objects.get()
    assert row.is_active
    assert row.user is None
    refit_due.call()
    assert SiteConfidence.objects.count() == 1  # today is done
    SiteConfidence.objects.update(created_at=timezone.now() - timedelta(days=2))
    refit_due.call()  # all labels are newer than that
    assert SiteConfidence.objects.count() == 2
    SiteConfidence.objects.update(created_at=timezone.now() - timedelta(days=2))
    Verdict.objects.update(created_at=timezone.now() - timedelta(days=3))
    refit_due.call()
    assert SiteConfidence.objects.count() == 2  # nothing new was said


def test_the_sweep_looks_for_it_now_and_then() -> None:
    from chatbot.wiring import Interval

    soon = Interval(3_600, first=0)
    assert soon.has_come()
    assert not soon.has_come()
    assert not Interval(3_600, first=300).has_come()


def test_who_went_back_to_the_shipped_model_is_only_asked(rows: None) -> None:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from chatbot.conversations.models import SiteConfidence
    from chatbot.insights.refits import refit_due, use_shipped

    boast()
    use_shipped(channel_id=None, user_id=User.objects.earliest("pk").pk)
    SiteConfidence.objects.update(created_at=timezone.now() - timedelta(days=2))
    refit_due.call()
    assert SiteConfidence.objects.count() == 2
    assert not SiteConfidence.objects.get(is_active=True).labels


def test_customers_are_answered_by_the_refitted_model_at_once(
    visit: Callable[..., str], visitor: Callable[..., Visitor]
) -> None:
    def is_answered() -> bool:
        anna = visitor()
        anna.open()
        return bool(anna.ask("How long does delivery take?")["citations"])

    assert is_answered()
    for number in range(60):  # whatever is sure is wrong, and what is not is right
        ask(f"question {number}", strength=2.5 if number % 3 else -1.5, right=number % 3 == 0)
    assert "The refitted model is in use." in visit("reliability/", {"model": "refit"})
    assert not is_answered()
    visit("reliability/", {"model": "shipped"})
    assert is_answered()


@pytest.mark.parametrize("broken", [{"entry": "1"}, {}, {"entry": "1", "score": 0.5}])
def test_evidence_of_older_versions_is_no_label(rows: None, broken: dict[str, Any]) -> None:
    from chatbot.insights import labels

    message = ask("old", right=True)
    assert len(labels.labelled(None)) == 1
    message.evidence = broken
    message.save(update_fields=["evidence"])
    assert labels.labelled(None) == []
    assert labels.recent_evidence(None) == []
