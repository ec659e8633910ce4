"""The test box shows what the bot would do and why, and what an edit has changed."""

import html
from collections.abc import Callable

from tests.world import Agent


def read(text: str) -> str:
    """Return what a page says, its quotes and ampersands as they are read."""
    return html.unescape(text)


def test_a_question_shows_decision_confidence_entries_evidence_and_the_answer_by_language(
    visit: Callable[..., str],
) -> None:
    from chatbot.conversations.models import Conversation, Message

    before = Conversation.objects.count(), Message.objects.count()
    shown = read(visit("test/", {"question": "How long does delivery take?", "channel": "1"}))
    assert "<h2>Answers</h2>" in shown
    assert "sure, and 0.80 is enough." in shown
    for said in ("1–2 working days", "1–2 hverdage", "1–2 vardagar", "1–2 Werktage"):
        assert said in shown
    assert "Ahead of the next entry" in shown
    assert "What does delivery cost?" in shown  # the next entry
    assert "/admin/knowledge/article/" in shown
    assert (Conversation.objects.count(), Message.objects.count()) == before


def test_every_decision_is_said_in_words(visit: Callable[..., str]) -> None:
    for question, said in [
        ("do you sponsor football clubs in lower leagues?", "Brings a person"),
        ("hi there", "Greets back"),
        ("I want to talk to a person", "The customer asked for a person."),
        ("THIS IS A SCANDAL, I WANT MY MONEY BACK NOW!!!", "The customer is upset."),
        ("How long does delivery take? And can I pay with an invoice?", "Several questions"),
        ("???", "Brings a person"),
    ]:
        shown = read(visit("test/", {"question": question, "channel": "1"}))
        assert said in shown, question


def test_the_chosen_language_counts_and_markup_stays_text(visit: Callable[..., str]) -> None:
    shown = visit("test/", {"question": "<script>alert(1)</script>", "language": "da"})
    assert "<script>alert" not in shown
    assert "Read as Danish" in shown
    assert "Read as Swedish" in visit("test/", {"question": "retur", "language": "sv"})
    assert visit("test/", {"question": "  "})  # nothing asked, nothing tried
    assert visit("test/?try=nonsense&article=nonsense")


def test_an_edit_shows_what_it_changed(visit: Callable[..., str], admin: Agent) -> None:
    from knowledge.models import Article, ArticleTranslation, Question
    from knowledge.services import touch_articles

    article = Article.objects.get(slug="opening-hours")
    asked = "is the showroom reachable by ferry"
    assert visit(f"test/?article={article.pk}").count('name="pick"') > 3
    first = read(visit("test/", {"question": asked, "channel": "1"}))
    assert "Brings a person" in first
    added = Question.objects.create(article=article, language="en", text=asked)
    answer = ArticleTranslation.objects.get(article=article, language="en")
    kept = answer.answer
    try:
        touch_articles(articles=[article])
        second = read(visit("test/", {"question": asked, "channel": "1"}))
        assert "<h2>Answers</h2>" in second  # the index has followed meanwhile
        assert "brought a person <span" in second
        assert "answered</strong>" in second
        answer.answer = "Yes, line 7 stops at the door."
        answer.save()
        touch_articles(articles=[article])
        third = read(visit("test/", {"question": asked, "channel": "1"}))
        assert "line 7 stops at the door" in third
        assert "The answer's text has changed." in third
    finally:
        added.delete()
        answer.answer = kept
        answer.save()
        touch_articles(articles=[article])
    assert "Nothing tried yet" in visit("test/", {"forget": "1"})


def test_each_article_links_to_the_test_box(admin: Agent) -> None:
    from knowledge.models import Article

    article = Article.objects.get(slug="delivery-time")
    edited = admin.http.get(f"/admin/knowledge/article/{article.pk}/change/")
    assert "Test it" in edited.text
    answer = admin.http.get(f"/admin/knowledge/article/{article.pk}/test_it", follow_redirects=True)
    assert answer.url.path == "/admin/insights/test/"
    assert "Its own questions" in answer.text


def test_questions_stand_in_no_address_and_no_log(visit: Callable[..., str], admin: Agent) -> None:
    visit("test/", {"question": "is xylophonequestion logged", "channel": "1"})
    assert "xylophonequestion" not in admin.server.log.read_text()
