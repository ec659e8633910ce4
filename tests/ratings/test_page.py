"""The page of a signed address: for its customer alone, for 30 days, and with no script."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from django.core import signing
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.browsing import SCHEMES, violations
from tests.ratings.helping import HUMAN, rated, rating_of, recommendation_of
from tests.world import Agent, Server, Visitor, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def asked(visitor: Callable[..., Visitor], mette: Agent) -> int:
    """A conversation that Mette resolved, whose customer was asked."""
    one = visitor("en")
    one.say(HUMAN)
    conversation = int(mette.given()["id"])
    mette.post(f"conversations/{conversation}/resolve")
    wait_for(lambda: rating_of(conversation) is not None and rating_of(conversation).message_id)
    return conversation


def url_of(conversation: int, server: Server, asked: Any = None) -> str:
    from chatbot.conversations import questions

    page = questions.page_url(asked or rating_of(conversation))
    return server.url + re.sub(r"^https?://[^/]+", "", page)


def test_the_page_takes_a_rating_and_a_word(asked: int, server: Server) -> None:
    url = url_of(asked, server)
    page = httpx.get(url)
    assert page.status_code == 200
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "no-cache" in page.headers["cache-control"]
    assert "How did we do?" in page.text
    answer = httpx.post(url, data={"score": "4", "comment": "<b>Quick</b> & kind"})
    assert answer.status_code == 302
    rating = rated(asked, 4)
    assert rating.comment == "<b>Quick</b> & kind"
    thanks = httpx.get(url).text
    assert "Thank you" in thanks
    assert "We noted 4 of 5" in thanks
    assert "&lt;b&gt;Quick&lt;/b&gt; &amp; kind" in thanks
    changed = httpx.get(f"{url}?change").text
    assert re.search(r'value="4" required checked', changed)
    httpx.post(url, data={"score": "5", "comment": ""})
    assert rated(asked, 5).comment == ""


def test_opening_the_page_records_nothing(asked: int, server: Server) -> None:
    url = url_of(asked, server)
    page = httpx.get(url, params={"score": "1"})
    assert re.search(r'value="1" required checked', page.text)
    httpx.head(url)
    assert rating_of(asked).score is None


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.5", "five", "٥", "9" * 5000])
def test_what_is_no_score_is_said_beside_the_choices(
    asked: int, server: Server, score: str
) -> None:
    answer = httpx.post(url_of(asked, server), data={"score": score, "comment": "Kept words"})
    assert answer.status_code == 422
    assert "Choose one of these first." in answer.text
    assert "Kept words" in answer.text
    assert rating_of(asked).score is None


def test_a_comment_that_cannot_be_kept_is_refused(asked: int, server: Server) -> None:
    url = url_of(asked, server)
    for comment in ("x" * 2001, "a\x00b"):
        assert httpx.post(url, data={"score": "5", "comment": comment}).status_code == 422
    assert rating_of(asked).score is None


def test_an_address_that_was_changed_opens_nothing(asked: int, server: Server) -> None:
    url = url_of(asked, server)
    token = url.rstrip("/").rpartition("/")[2]
    other = signing.dumps(["r", rating_of(asked).pk], salt="svar.back")
    for made in (token[:-1], f"x{token}", "MTIz:abc:def", other):
        for answer in (
            httpx.get(f"{server.url}/rate/{made}/"),
            httpx.post(f"{server.url}/rate/{made}/", data={"score": "1"}),
        ):
            assert answer.status_code == 410
            assert "no longer good" in answer.text
    assert rating_of(asked).score is None


def test_an_address_is_good_for_30_days(asked: int, server: Server) -> None:
    from time import time

    with patch("django.core.signing.time.time", return_value=time() - 31 * 86_400):
        old = url_of(asked, server)
    with patch("django.core.signing.time.time", return_value=time() - 29 * 86_400):
        good = url_of(asked, server)
    for answer in (httpx.get(old), httpx.post(old, data={"score": "1"})):
        assert answer.status_code == 410
        assert "It was good for 30 days." in answer.text
    assert rating_of(asked).score is None
    assert httpx.get(good).status_code == 200


def test_an_answer_can_be_changed_for_a_day(asked: int, server: Server) -> None:
    from chatbot.conversations.models import Rating

    url = url_of(asked, server)
    httpx.post(url, data={"score": "2"})
    rated(asked, 2)
    Rating.objects.filter(conversation_id=asked).update(
        answered_at=timezone.now() - timedelta(hours=25)
    )
    page = httpx.get(f"{url}?change")
    assert page.status_code == 200
    assert "You have already answered" in page.text
    assert "<form" not in page.text
    assert httpx.post(url, data={"score": "5"}).status_code == 409
    assert rating_of(asked).score == 2


def test_an_address_of_one_question_answers_no_other(asked: int, server: Server, site: Any) -> None:
    site.update(nps_days=30)
    url = url_of(asked, server)
    httpx.post(url, data={"score": "5"})
    wait_for(lambda: recommendation_of(asked))
    recommendation = recommendation_of(asked)
    assert recommendation.message_id is None  # it is asked here
    page = httpx.get(url).text
    assert "How likely are you to recommend us" in page
    action = re.search(r'action="([^"]+)"', page)
    assert action is not None
    own = server.url + re.sub(r"^https?://[^/]+", "", action[1])
    assert httpx.post(url, data={"score": "9"}).status_code == 422
    assert httpx.post(own, data={"score": "9"}).status_code == 302
    assert recommendation_of(asked).score == 9
    assert rating_of(asked).score == 5
    assert "We noted 9 of 10" in httpx.get(own).text


@pytest.mark.parametrize("language", ["en", "da", "sv", "de"])
def test_the_page_speaks_the_conversations_language(
    asked: int, server: Server, language: str
) -> None:
    from chatbot.conversations import wording
    from chatbot.conversations.models import Conversation

    Conversation.objects.filter(pk=asked).update(language=language)
    page = httpx.get(url_of(asked, server), headers={"Accept-Language": "fr"}).text
    assert f'<html lang="{language}">' in page
    with wording.in_language(language):
        assert all(word in page for word in (wording.how_was_it(), *wording.rating_words()))


# --- In a browser -------------------------------------------------------------------------------
@pytest.fixture
def opened(browser: Browser, asked: int, server: Server) -> Any:
    pages: list[Page] = []

    def make(**more: Any) -> Page:
        pages.append(browser.new_context(**more).new_page())
        pages[-1].goto(url_of(asked, server))
        return pages[-1]

    yield make
    for page in pages:
        page.context.close()


@pytest.mark.browser
def test_it_is_answered_by_keys_without_a_script(opened: Callable[..., Page], asked: int) -> None:
    page = opened(java_script_enabled=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="1 Very poor")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="4 Good")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Friendly and quick")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("Friendly and quick")).to_be_visible()
    assert rating_of(asked).score == 4
    page.get_by_role("link", name="Change it").click()
    expect(page.get_by_role("radio", name="4 Good")).to_be_checked()


@pytest.mark.browser
def test_the_page_can_be_read_and_has_room(opened: Callable[..., Page], site: Any) -> None:
    site.update(nps_days=30)
    page = opened()
    _is_fine(page)
    page.get_by_role("radio", name="3 Fair").check()
    _is_fine(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_role("group", name="How likely are you")).to_be_visible()
    _is_fine(page)
    page.get_by_role("radio", name="10 Very likely").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We noted 10 of 10")).to_be_visible()
    _is_fine(page)


def _is_fine(page: Page) -> None:
    for scheme, width in zip(SCHEMES, (320, 800), strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) is None
