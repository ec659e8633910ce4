"""What nobody had written comes in groups, and becomes an article with one press."""

from collections.abc import Callable, Iterator

import pytest

from tests.chatbot.insights.conftest import ask

PIANO = "Yes, a Petrof from 1962. Play it on Saturdays, or write to anna@example.com."


@pytest.fixture
def piano(rows: None) -> Iterator[list[int]]:
    """Three customers asked for a piano, and two got a reply; their conversations."""
    from knowledge.models import Article
    from knowledge.services import delete_articles

    before = set(Article.objects.values_list("pk", flat=True))
    asked = [
        ask("do you have a piano in the shop", reason="low_confidence", reply=PIANO),
        ask("is there a piano in the shop", reason="missing_knowledge", reply="Hi, one moment"),
        ask("har I et klaver i butikken", reason="low_confidence", language="da"),
        ask("are dogs allowed on the premises", reason="low_confidence"),
        ask("a piano please", reason="customer_request"),
    ]
    yield [message.conversation_id for message in asked]
    delete_articles(articles=list(Article.objects.exclude(pk__in=before)))


def gap_of_pianos() -> object:
    from chatbot.insights.gaps import gaps

    return next(gap for gap in gaps(days=30) if "piano" in gap.typical.question)


def test_questions_that_ask_the_same_are_one_gap_with_its_reply(
    visit: Callable[..., str], piano: list[int]
) -> None:
    gap = gap_of_pianos()
    assert {one.conversation_id for one in gap.asked} >= set(piano[:2])  # type: ignore[attr-defined]
    assert piano[3] not in {one.conversation_id for one in gap.asked}  # type: ignore[attr-defined]
    assert [one.reply for one in gap.replies] == [PIANO]  # type: ignore[attr-defined]
    shown = visit("gaps/")
    assert "a Petrof from 1962" in shown
    assert "are dogs allowed" in shown
    assert "a piano please" not in shown  # who asks for a person is no gap
    assert visit("gaps/?days=90") != ""


def test_a_draft_has_the_questions_and_the_reply_and_answers_nobody_yet(
    visit: Callable[..., str], piano: list[int]
) -> None:
    from knowledge.models import Article

    gap = gap_of_pianos()
    shown = visit("gaps/", {"do": "draft", "ids": gap.ids})  # type: ignore[attr-defined]
    assert "This is a draft." in shown
    article = Article.objects.latest("pk")
    assert article.status == Article.Status.DRAFT
    translation = article.translations.get()
    assert translation.language == "en"
    assert "Petrof" in translation.answer
    assert "anna@example.com" not in translation.answer
    assert "do you have a piano in the shop" in article.questions.values_list("text", flat=True)
    assert "a Petrof from 1962" not in visit("gaps/")
    again = visit("gaps/", {"do": "draft", "ids": gap.ids})  # type: ignore[attr-defined]
    assert "Somebody has decided about this already." in again
    assert Article.objects.latest("pk") == article


def test_a_gap_without_a_reply_becomes_a_draft_to_be_written(
    visit: Callable[..., str], piano: list[int]
) -> None:
    shown = visit("gaps/", {"do": "draft", "ids": str(piano[3])})
    assert "draft without an answer" in shown


def test_what_is_dismissed_stays_away_until_it_is_handed_off_again(
    visit: Callable[..., str], piano: list[int]
) -> None:
    from django.utils import timezone

    from chatbot.conversations.models import Conversation

    assert "1 question dismissed." in visit("gaps/", {"do": "dismiss", "ids": str(piano[3])})
    assert "are dogs allowed" not in visit("gaps/")
    Conversation.objects.filter(pk=piano[3]).update(handed_off_at=timezone.now())
    assert "are dogs allowed" in visit("gaps/")


def test_titles_make_slugs_that_are_free(piano: list[int]) -> None:
    from knowledge.services import _free_slug

    assert _free_slug("Delivery time") == "delivery-time-2"
    assert _free_slug("中文") == "draft"


def test_near_duplicates_are_shown_with_both_articles(visit: Callable[..., str]) -> None:
    shown = visit("duplicates/")
    assert shown.count('class="pair"') >= 2
    assert "How do I change my email address?" in shown
