"""Why somebody has a conversation or is suggested for it, as agents read it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browsing import picture, violations
from tests.chatbot.inbox_channels.conftest import PHONE
from tests.chatbot.inbox_routing.conftest import assignments
from tests.world import Agent

Asked = Callable[..., int]
OpenPage = Callable[..., Page]
People = Callable[[str], Agent]
Routing = Callable[[str], None]
pytestmark = pytest.mark.browser


def number(text: str) -> Decimal:
    """Return a number as people write it, without the sign that is put before it."""
    return Decimal(text.strip().lstrip("×=").strip().replace(",", "."))


def sums(inbox: Page) -> dict[str, Locator]:
    """Unfold every candidate's sum; return their tables by name."""
    found = {}
    for fold in inbox.locator(".candidates details").all():
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        found[fold.locator(".candidate-name").inner_text()] = fold.locator("table")
    return found


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_score_can_be_added_up_by_hand(
    open_page: OpenPage, asked: Asked, agent: People, language: str
) -> None:
    agent("jonas").open()
    agent("freja").open()
    inbox = open_page("/inbox/", language)
    made = asked(language)
    inbox.goto(f"/inbox/c/{made}/")
    inbox.locator(".why-fold > summary").click()
    tables = sums(inbox)
    assert len(tables) == 3
    scores = []
    for name, table in tables.items():
        total = Decimal(0)
        for row in table.locator("tbody tr").all():
            value, weight, points = (number(text) for text in row.locator("td").all_inner_texts())
            assert abs(value * weight - points) <= Decimal("0.00005"), name
            total += points
        score = number(table.locator("tfoot td").inner_text())
        assert total == score, name
        scores.append(score)
        line = inbox.locator(".candidates > li", has_text=name).locator(".candidate-end")
        assert number(line.inner_text()) == score
    assert scores == sorted(scores, reverse=True), "the best first"
    absent = inbox.locator(".candidates > li", has_text="Anke")
    expect(absent.locator("table")).to_have_count(0)
    if language == "en":
        expect(absent).to_contain_text("not here")
        expect(inbox.locator(".why-facts")).to_contain_text("Routine: even load")
    chosen = inbox.locator("[data-chosen=true] .candidate-name").inner_text()
    assert chosen == assignments(made)[-1].agent.name


def test_an_accepted_suggestion_goes_to_whom_it_names(
    open_page: OpenPage, asked: Asked, agent: People, routing: Routing
) -> None:
    routing("suggest")
    jonas = agent("jonas")
    jonas.open()
    made = asked()
    inbox = open_page(f"/inbox/c/{made}/", username="anke")
    inbox.locator("#view-queue").click()
    suggestion = inbox.get_by_role("region", name="Suggestion")
    name = assignments(made)[-1].suggested.name
    assert name == "Jonas"
    expect(suggestion).to_contain_text("Suggested: Jonas, because they")
    expect(suggestion.get_by_role("button", name="Give to Jonas")).to_be_visible()
    inbox.locator(".why-fold > summary").click()
    expect(inbox.locator(".candidate[data-chosen=true]")).to_contain_text("Suggested")
    picture(inbox, "routing-suggestion")
    assert violations(inbox) is None
    inbox.keyboard.press("g")
    expect(inbox.get_by_role("alert").get_by_text("Jonas has it now.")).to_be_visible()
    expect(inbox.locator(f"#rows a[data-id='{made}']")).to_have_count(0)
    assert jonas.get(f"conversations/{made}")["assignee"]["name"] == "Jonas"
    assert assignments(made)[-1].way == "accepted"


def test_who_is_suggested_takes_it(open_page: OpenPage, asked: Asked, routing: Routing) -> None:
    routing("suggest")
    inbox = open_page("/inbox/")
    made = asked()
    inbox.locator("#view-queue").click()
    inbox.locator(f"a.row[data-id='{made}']").click()
    suggestion = inbox.get_by_role("region", name="Suggestion")
    expect(suggestion).to_contain_text("Suggested for you because you")
    suggestion.get_by_role("button", name="Take it").click()
    expect(inbox.locator("#status-line")).to_contain_text("You have this")
    expect(inbox.locator("#composer-text")).to_be_focused()
    expect(suggestion).to_be_hidden()
    assert assignments(made)[-1].way == "accepted"
    expect(inbox.locator("#brief-body")).to_contain_text("You have it because you")


def test_a_suggestion_is_given_to_somebody_else(
    open_page: OpenPage, asked: Asked, agent: People, routing: Routing
) -> None:
    routing("suggest")
    jonas, anke = agent("jonas"), agent("anke")
    jonas.open()
    made = asked()
    try:
        anke.http.patch("/api/v1/inbox/me", json={"presence": "away"})
        inbox = open_page(f"/inbox/c/{made}/", username="anke")
        suggestion = inbox.get_by_role("region", name="Suggestion")
        expect(suggestion).to_contain_text("Suggested: Jonas")
        agent("freja").open()
        jonas.http.patch("/api/v1/inbox/me", json={"presence": "away"})
        expect(suggestion).to_contain_text("Suggested: Freja")  # by itself
        suggestion.get_by_role("button", name="Give to somebody else").click()
        dialog = inbox.get_by_role("dialog", name="Give to somebody else")
        buttons = dialog.locator(".colleague")
        expect(buttons.first).to_be_focused()
        texts = buttons.all_inner_texts()
        assert "Away" in texts[0]
        assert "Offline" in texts[-1]
        assert not [text for text in texts if "Freja" in text or "Anke" in text]
        picture(inbox, "routing-give")
        assert violations(inbox) is None
        inbox.set_viewport_size(PHONE)
        picture(inbox, "routing-give-phone")
        assert violations(inbox) is None
        dialog.get_by_role("button", name="Mette").click()
        expect(inbox.get_by_role("alert").get_by_text("Mette has it now.")).to_be_visible()
        expect(inbox.locator("#view-queue")).to_be_visible()  # a phone goes back to the list
        assert (assignments(made)[-1].agent.name, assignments(made)[-1].way) == ("Mette", "given")
    finally:
        for one in (jonas, anke):
            one.http.patch("/api/v1/inbox/me", json={"presence": "online"})


def test_while_it_observes_it_says_whom_it_would_have_chosen(
    open_page: OpenPage, asked: Asked, agent: People, routing: Routing
) -> None:
    from chatbot.routing.models import AgentProfile, Expertise, StrategyWeights

    known = {"cases": 40.0, "doubt": 0.1, "solves": 0.5, "quality": 0.5, "rating": 3.0}
    for name, minutes, log_minutes in (("Mette", 1.0, 0.0), ("Jonas", 55.0, 4.0)):
        Expertise.objects.create(
            agent=AgentProfile.objects.get(name=name),
            topic="",
            minutes=minutes,
            log_minutes=log_minutes,
            **known,
        )
    StrategyWeights.objects.create(strategy="routine", speed=1.0)
    mette = agent("mette")
    before = mette.get("me")
    mette.http.patch("/api/v1/inbox/me", json={"capacity": before["open"] + 1})
    try:
        routing("observe")
        agent("jonas").open()
        mette.open()
        made = asked()
        inbox = open_page(f"/inbox/c/{made}/", username="freja")
        expect(inbox.locator("#brief-body")).to_contain_text(
            "Learned routing would have chosen Mette."
        )
        inbox.locator(".why-fold > summary").click()
        real, learned = inbox.locator(".why-facts").all()
        expect(real).to_contain_text("Skill, language and free places alone")
        expect(learned).to_be_hidden()
        inbox.locator(".learned-fold > summary").click()
        expect(learned).to_contain_text("Routine: even load")
        first = (
            inbox.get_by_role("list", name="How learned routing ranked them").locator("li").first
        )
        expect(first).to_contain_text("Mette")
        expect(first).to_contain_text("First choice")
        expect(first.locator("tfoot td")).to_have_text(first.locator(".candidate-end").inner_text())
        assert assignments(made)[-1].agent.name == "Jonas"
        picture(inbox, "routing-observe")
        assert violations(inbox) is None
    finally:
        mette.http.patch("/api/v1/inbox/me", json={"capacity": before["capacity"]})
        StrategyWeights.objects.all().delete()
