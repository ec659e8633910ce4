"""Answers are judged one by one, the least certain first."""

from collections.abc import Callable

import pytest

from tests.chatbot.insights.conftest import ask


def test_the_least_certain_comes_first_and_the_judged_never_again(
    visit: Callable[..., str],
) -> None:
    from chatbot.conversations.models import Verdict

    sure = ask("a sure question", strength=3.0)
    unsure = ask("an unsure question", strength=0.1)
    hopeless = ask("a hopeless question", strength=-4.0)
    shown = visit("review/")
    assert "an unsure question" in shown
    assert "The bot would have answered" in shown
    assert "1–2 working days" in shown
    assert "3 waiting" in shown
    after = visit("review/", {"message": unsure.pk, "verdict": "wrong"})
    assert "an unsure question" not in after
    assert "1 of 40 judged" in after
    verdict = Verdict.objects.get(message=unsure)
    assert (verdict.right, verdict.source, verdict.user.username) == (False, "agent", "admin")
    assert "a sure question" in after
    assert "a hopeless question" in visit("review/", {"message": sure.pk, "verdict": "right"})
    assert "Nothing waits for a verdict" in visit(
        "review/", {"message": hopeless.pk, "verdict": "right"}
    )


def test_a_verdict_can_be_taken_back(visit: Callable[..., str]) -> None:
    from chatbot.conversations.models import Verdict

    message = ask("a question judged in haste")
    after = visit("review/", {"message": message.pk, "verdict": "wrong"})
    assert f'href="?message={message.pk}"' in after
    assert "Judged before: wrong." in visit(f"review/?message={message.pk}")
    visit("review/", {"message": message.pk, "verdict": "right"})
    assert Verdict.objects.get(message=message).right is True


def test_what_is_skipped_comes_back_only_when_asked_for(visit: Callable[..., str]) -> None:
    from chatbot.conversations.models import Verdict

    message = ask("a question to skip")
    after = visit("review/", {"message": message.pk, "verdict": "skip"})
    assert "Only what you skipped is left" in after
    assert not Verdict.objects.exists()
    assert "a question to skip" in visit("review/", {"again": "1"})


def test_what_the_bot_said_is_shown_as_it_was_said(visit: Callable[..., str]) -> None:
    from chatbot.conversations.models import Message

    message = ask("<b>how</b> long?")
    Message.objects.create(
        conversation=message.conversation,
        channel=message.channel,
        author=Message.Author.BOT,
        text="Three days.",
        html="<p>Three days, then.</p>",
        citations=[{"entry": "1"}],
    )
    shown = visit("review/")
    assert "The bot answered" in shown
    assert "<p>Three days, then.</p>" in shown
    assert "&lt;b&gt;how&lt;/b&gt; long?" in shown


@pytest.mark.parametrize("entry", ["999999", "p999999", "nonsense"])
def test_an_entry_that_is_gone_is_no_error(visit: Callable[..., str], entry: str) -> None:
    ask("about something deleted", entry=entry)
    assert "It is not published any more." in visit("review/")


def test_nonsense_in_a_form_is_ignored(visit: Callable[..., str]) -> None:
    from chatbot.conversations.models import Verdict

    for form in ({}, {"message": "x", "verdict": "right"}, {"message": "1", "verdict": "x"}):
        assert visit("review/", form)
    assert visit("review/", {"message": "999999999", "verdict": "right"})
    assert visit("review/?message=999999999&last=abc")
    assert not Verdict.objects.exists()
