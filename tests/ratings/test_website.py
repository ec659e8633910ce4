"""In the chat on a website: buttons under the question, in place, for its visitor alone."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browsing import enter, live, picture, violations
from tests.channels_adapters.worlds import EmailWorld, world_of
from tests.ratings.helping import HUMAN, QUESTION, rated, rating_of, recommendation_of
from tests.world import KEY, Agent, Server, Visitor, wait_for

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def helped(visitor: Callable[..., Visitor], mette: Agent) -> tuple[Visitor, int, Any]:
    """A visitor, the conversation that Mette resolved, and the question that came."""
    one = visitor("en")
    one.say(HUMAN)
    conversation = int(mette.given()["id"])
    mette.reply(conversation, "It is on its way.")
    mette.post(f"conversations/{conversation}/resolve")
    question = one.sockets[0].next("message", lambda event: event["message"]["asks"])["message"]
    return one, conversation, question


def give(visitor: Visitor, message: int, score: int, **more: Any) -> httpx.Response:
    body = {"message": message, "score": score, **more}
    return visitor.http.post("/api/v1/widget/rating", json=body)


def test_the_question_comes_with_what_its_numbers_mean(helped: tuple[Visitor, int, Any]) -> None:
    visitor, _conversation, question = helped
    assert question["text"] == QUESTION
    assert question["asks"] == {
        "kind": "rating",
        "words": ["Very poor", "Poor", "Fair", "Good", "Excellent"],
        "score": None,
        "comment": "",
        "open": True,
    }
    assert [one["text"] for one in question["quick_replies"]][4] == "5 · Excellent"
    assert visitor.messages()[-1] == question


def test_an_answer_shows_in_place_in_all_tabs_and_in_the_history(
    helped: tuple[Visitor, int, Any],
) -> None:
    visitor, conversation, question = helped
    other_tab = visitor.open()
    answer = give(visitor, question["id"], 4)
    assert answer.status_code == 200
    assert answer.json()["message"]["asks"]["score"] == 4
    assert rated(conversation, 4).comment == ""
    seen = other_tab.next("message", lambda event: event["message"]["id"] == question["id"])
    assert seen["message"]["asks"]["score"] == 4
    answer = give(visitor, question["id"], 4, comment="  Mette was kind ")
    assert answer.json()["message"]["asks"]["comment"] == "Mette was kind"
    assert visitor.messages()[-1]["asks"]["comment"] == "Mette was kind"
    assert rating_of(conversation).comment == "Mette was kind"
    give(visitor, question["id"], 5)
    assert rated(conversation, 5).comment == "Mette was kind"


def test_nobody_else_can_answer_and_nothing_else_be_given(
    helped: tuple[Visitor, int, Any], visitor: Callable[..., Visitor]
) -> None:
    owner, conversation, question = helped
    other = visitor("en")
    assert give(other, question["id"], 1).status_code == 404
    other.say("1")
    other.sockets[0].message("bot")
    assert give(owner, question["id"] - 1, 1).status_code == 404
    assert give(owner, question["id"], 0).status_code == 400
    assert give(owner, question["id"], 6).status_code == 400
    assert give(owner, question["id"], 11).status_code == 400
    assert give(owner, question["id"], 3, comment="a\x00b").status_code == 400
    assert give(owner, question["id"], 3, comment="x" * 2001).status_code == 400
    bare = httpx.post(f"{owner.server.url}/api/v1/widget/rating", json={})
    assert bare.status_code == 401
    assert rating_of(conversation).score is None


def test_after_a_day_it_stays(helped: tuple[Visitor, int, Any]) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from chatbot.conversations.models import Rating

    visitor, conversation, question = helped
    give(visitor, question["id"], 2)
    Rating.objects.filter(conversation_id=conversation).update(
        answered_at=timezone.now() - timedelta(hours=25)
    )
    refused = give(visitor, question["id"], 5)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "too_late"
    assert visitor.messages()[-1]["asks"]["open"] is False
    visitor.say("5 · Excellent")  # as another client's button
    visitor.sockets[0].next("message", lambda e: "already answered" in e["message"]["text"])
    assert rating_of(conversation).score == 2


def test_who_was_helped_by_the_bot_alone_is_not_asked(
    visitor: Callable[..., Visitor], mette: Agent
) -> None:
    one = visitor("en")
    one.ask("How long does delivery take?")
    from chatbot.conversations.models import Conversation

    conversation = Conversation.objects.order_by("-pk")[0]
    mette.post(f"conversations/{conversation.pk}/resolve")
    one.sockets[0].next("conversation", lambda event: event["conversation"]["status"] == "resolved")
    assert rating_of(conversation.pk) is None
    assert not any(message["asks"] for message in one.messages())


def test_a_recommendation_is_asked_over_all_channels_at_most_once_in_so_many_days(
    helped: tuple[Visitor, int, Any], site: Any
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from chatbot.conversations.models import Conversation, Recommendation

    visitor, conversation, question = helped
    site.update(nps_days=30)
    contact = Conversation.objects.get(pk=conversation).contact_id
    before = Recommendation.objects.create(  # from another channel
        contact_id=contact, asked_at=timezone.now() - timedelta(days=29)
    )
    give(visitor, question["id"], 5)
    rated(conversation, 5)
    assert recommendation_of(conversation) is None
    Recommendation.objects.filter(pk=before.pk).update(asked_at=timezone.now() - timedelta(days=31))
    from chatbot.conversations import ratings

    assert ratings.ask_recommendation(conversation=Conversation.objects.get(pk=conversation))
    assert not ratings.ask_recommendation(conversation=Conversation.objects.get(pk=conversation))


def test_merged_customers_keep_what_they_were_asked(helped: tuple[Visitor, int, Any]) -> None:
    from chatbot.conversations import merging
    from chatbot.conversations.models import Contact, ContactMerge, Conversation, Recommendation

    _visitor, conversation, _question = helped
    other = Conversation.objects.get(pk=conversation).contact
    asked = Recommendation.objects.create(contact=other, conversation_id=conversation, score=7)
    kept = Contact.objects.create(name="Karen")
    merge = merging.merge_contacts(kept=kept, other=other, way=ContactMerge.Way.AGENT)
    asked.refresh_from_db()
    assert asked.contact_id == kept.pk
    back = merging.undo_merge(merge=merge)
    asked.refresh_from_db()
    assert asked.contact_id == back.pk


def test_others_are_told_of_a_rating_after_it_is_kept(helped: tuple[Visitor, int, Any]) -> None:
    from chatbot.conversations import ratings
    from chatbot.conversations.signals import rating_given

    told: list[tuple[int, Any, str]] = []

    def hear(*, conversation: Any, rating: Any, **_: Any) -> None:
        told.append((conversation.pk, rating.score, rating.comment))

    _visitor, conversation, _question = helped
    rating_given.connect(hear)
    try:
        ratings.rate(asked=rating_of(conversation), score=3)
        ratings.rate(asked=rating_of(conversation), score=3)  # nothing new
        ratings.rate(asked=rating_of(conversation), score=3, comment="slow")
    finally:
        rating_given.disconnect(hear)
    assert told == [(conversation, 3, ""), (conversation, 3, "slow")]


def test_the_admin_lists_what_was_said_for_reading(
    helped: tuple[Visitor, int, Any], server: Server
) -> None:
    from chatbot.conversations.models import Recommendation

    visitor, conversation, question = helped
    give(visitor, question["id"], 4, comment="Quick and <b>kind</b>")
    contact = rating_of(conversation).conversation.contact
    Recommendation.objects.create(contact=contact, conversation_id=conversation, score=9)
    admin = Agent(server, "admin")
    for name in ("rating", "recommendation"):
        page = admin.http.get(f"/admin/conversations/{name}/")
        assert page.status_code == 200
        assert "<b>kind" not in page.text
        assert admin.http.get(f"/admin/conversations/{name}/add/").status_code == 403
    admin.close()


# --- Mail to those who have left ------------------------------------------------------------------
@pytest.fixture
def mailbox(server: Server) -> Iterator[EmailWorld]:
    from chatbot.conversations.models import Channel

    with world_of("email", server) as world:
        assert isinstance(world, EmailWorld)
        own = Channel.objects.get(kind="email", account=world.address)
        Channel.objects.filter(key=KEY).update(mailbox=own)
        yield world
        Channel.objects.filter(key=KEY).update(mailbox=None)


def test_the_question_alone_sends_no_mail_and_goes_along_as_a_link(
    visitor: Callable[..., Visitor], mette: Agent, mailbox: EmailWorld, settings: Any
) -> None:
    from chatbot import followups
    from chatbot.conversations.models import Conversation

    settings.FOLLOWUP_AFTER = 0
    one = visitor("en")
    one.ask(HUMAN)
    one.http.post("/api/v1/widget/contact", json={"email": mailbox.own, "name": "Karen"})
    conversation = int(mette.given()["id"])
    mette.reply(conversation, "It is on its way.")
    one.sockets[0].message("agent")
    last = one.messages()[-1]["id"]
    one.sockets[0].send({"type": "seen", "message_id": last})
    wait_for(lambda: Conversation.objects.get(pk=conversation).seen_id == last)
    one.sockets[0].close()
    mette.post(f"conversations/{conversation}/resolve")
    wait_for(lambda: rating_of(conversation) is not None and rating_of(conversation).message_id)
    followups.send_due.call()
    assert mailbox.replies() == []
    Conversation.objects.filter(pk=conversation).update(seen_id=last - 1)  # the reply was not seen
    told = wait_for(lambda: (followups.send_due.call(), mailbox.replies())[1], seconds=30)[0]
    assert "It is on its way." in told
    assert QUESTION in told
    assert "/rate/" in told
    mailbox.say("5")
    rated(conversation, 5)
    assert Conversation.objects.get(pk=conversation).status == "resolved"


# --- In a browser ---------------------------------------------------------------------------------
@pytest.fixture
def open_page(server: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []
    problems: list[str] = []

    def make(path: str, scheme: str = "light", width: int = 1360, username: str = "") -> Page:
        size: ViewportSize = {"width": width, "height": 850}
        context = browser.new_context(
            locale="en-GB",
            viewport=size,
            base_url=server.url,
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        if username:
            enter(context, server, username)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        pages.append(page)
        page.goto(path)
        return page

    yield make
    for page in pages:
        page.context.close()
    assert problems == []


def asked_in_chat(page: Page, mette: Agent) -> int:
    page.get_by_role("button", name="Open chat").click()
    page.get_by_label("Write a message").fill(HUMAN)
    page.get_by_label("Write a message").press("Enter")
    conversation = int(mette.given()["id"])
    mette.reply(conversation, "It is on its way.")
    mette.post(f"conversations/{conversation}/resolve")
    expect(page.get_by_role("group", name=QUESTION)).to_be_visible()
    return conversation


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 320)])
def test_a_visitor_presses_a_number_adds_a_word_and_finds_it_again(
    open_page: Callable[..., Page], mette: Agent, scheme: str, width: int
) -> None:
    shop = open_page("/?lang=en", scheme, width)
    conversation = asked_in_chat(shop, mette)
    group = shop.get_by_role("group", name=QUESTION)
    expect(group.get_by_role("button")).to_have_count(5)
    expect(shop.locator("svar-chat .reply")).to_have_count(0)  # only the large ones
    for button in group.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert violations(shop) is None
    picture(shop, f"rating-asked-{scheme}")
    group.get_by_role("button", name="4, Good").focus()
    shop.keyboard.press("Enter")
    expect(shop.get_by_text("Thank you.")).to_be_focused()
    expect(group).to_have_count(0)
    rated(conversation, 4)
    assert violations(shop) is None
    picture(shop, f"rating-thanks-{scheme}")
    field = shop.get_by_label("A word about it, if you like")
    field.fill("Mette was <b>kind</b>")
    shop.locator("svar-chat form.word").get_by_role("button", name="Send").click()
    expect(shop.get_by_text("Mette was <b>kind</b>")).to_be_visible()
    expect(field).to_have_count(0)
    wait_for(lambda: rating_of(conversation).comment == "Mette was <b>kind</b>")
    shop.reload()
    expect(shop.get_by_text("4: Good")).to_be_visible()
    expect(shop.get_by_text("Mette was <b>kind</b>")).to_be_visible()
    shop.get_by_role("button", name="Change").click()
    pressed = group.get_by_role("button", name="4, Good")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert violations(shop) is None
    group.get_by_role("button", name="5, Excellent").click()
    rated(conversation, 5)
    expect(shop.get_by_text("5: Excellent")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("da", "Åbn chat"),
        ("sv", "Öppna chatten"),
        ("de", "Chat öffnen"),
    ],
)
def test_the_buttons_speak_the_customers_language(
    open_page: Callable[..., Page], mette: Agent, language: str, label: str
) -> None:
    human = {
        "da": "Jeg vil tale med et menneske",
        "sv": "Jag vill prata med en människa",
        "de": "Ich möchte mit einem Menschen sprechen",
    }[language]
    from chatbot.conversations import wording

    shop = open_page(f"/?lang={language}")
    shop.get_by_role("button", name=label).click()
    shop.locator("svar-chat textarea").fill(human)
    shop.locator("svar-chat textarea").press("Enter")
    conversation = int(mette.given(human)["id"])
    mette.post(f"conversations/{conversation}/resolve")
    with wording.in_language(language):
        question, words = wording.how_was_it(), wording.rating_words()
    group = shop.get_by_role("group", name=question)
    expect(group).to_be_visible()
    assert group.get_attribute("lang") == language
    group.get_by_role("button", name=f"2, {words[1]}").click()
    rated(conversation, 2)


@pytest.mark.browser
def test_the_recommendation_follows_in_the_chat(
    open_page: Callable[..., Page], mette: Agent, site: Any
) -> None:
    site.update(nps_days=90)
    shop = open_page("/?lang=en", "dark")
    conversation = asked_in_chat(shop, mette)
    shop.get_by_role("group", name=QUESTION).get_by_role("button", name="5, Excellent").click()
    group = shop.get_by_role("group", name="How likely are you to recommend us to others?")
    expect(group.get_by_role("button")).to_have_count(11)
    assert violations(shop) is None
    picture(shop, "recommendation-asked-dark")
    group.get_by_role("button", name="10, Very likely").click()
    wait_for(lambda: recommendation_of(conversation).score == 10)
    expect(shop.get_by_text("10/10")).to_be_visible()


@pytest.mark.browser
def test_the_agent_sees_the_rating_as_it_comes(
    helped: tuple[Visitor, int, Any], open_page: Callable[..., Page]
) -> None:
    visitor, conversation, question = helped
    inbox = live(open_page(f"/inbox/c/{conversation}/", username="mette"))
    rating = inbox.get_by_role("region", name="The customer's rating")
    expect(rating).to_contain_text("no answer yet")
    give(visitor, question["id"], 2, comment="<script>alert(1)</script> too slow")
    expect(rating).to_contain_text("2 of 5: Poor")
    expect(rating).to_contain_text("<script>alert(1)</script> too slow")
    assert violations(inbox) is None
    picture(inbox, "rating-inbox")
