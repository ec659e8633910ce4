"""While nobody is at work: what is said, and when people are back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.world import Agent, Visitor, wait_for

ASKS = {
    "en": "I want to talk to a person",
    "da": "jeg vil gerne tale med et menneske",
    "sv": "kan jag få prata med en människa?",
    "de": "ich möchte mit einem Mitarbeiter sprechen",
}


def today() -> datetime:
    return datetime.now(ZoneInfo("Europe/Copenhagen"))


def closed_for(days: int) -> dict[str, Any]:
    """Return what keeps a company closed today and so many days from now on."""
    off = [(today() + timedelta(days=number)).date().isoformat() for number in range(days)]
    return {
        "opening_hours": {str(day): [["09:00", "17:00"]] for day in range(7)},
        "closed_days": off,
    }


def test_a_company_says_in_its_words_that_it_is_closed_and_when_it_is_back(
    visitor: Callable[..., Visitor], channel: Callable[..., Any]
) -> None:
    channel(
        **closed_for(3),
        away_messages={"en": "We are moving house this week.", "da": "Vi flytter i denne uge."},
        language="da",
    )
    back = (today() + timedelta(days=3)).strftime("%A")
    anna = visitor("en")
    tab = anna.open()
    told = anna.ask(ASKS["en"])["text"]
    assert f"We are moving house this week. We are back {back} at 09:00. Leave your email" in told
    status = tab.next("conversation", lambda e: e["conversation"]["status"] == "queued")
    assert status["conversation"]["asks_email"] is True
    assert status["conversation"]["wait_minutes"] is None
    # German has no words of its own: the site's language, and our own sentences in German.
    told = visitor("de").ask(ASKS["de"])["text"]
    assert "Vi flytter i denne uge. Wir sind am " in told
    assert "um 09:00 Uhr wieder da." in told


@pytest.mark.parametrize("language", list(ASKS))
def test_without_words_of_its_own_it_is_said_in_ours(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], language: str
) -> None:
    channel(**closed_for(2), away_messages={})
    told = visitor(language).ask(ASKS[language])["text"]
    expected = {
        "en": "Nobody is at work right now",
        "da": "Der er ingen på arbejde lige nu",
        "sv": "Ingen är på jobbet just nu",
        "de": "Gerade ist niemand im Dienst",
    }[language]
    assert "09" in told
    assert expected.split()[0] in told


def test_a_long_closure_is_told_with_its_date(
    visitor: Callable[..., Visitor], channel: Callable[..., Any], server: Any
) -> None:
    channel(**closed_for(20), away_messages={})
    back = today() + timedelta(days=20)
    told = visitor("en").ask(ASKS["en"])["text"]
    assert f"{back:%A} {back.day} {back:%B} at 09:00" in told


def test_a_public_holiday_closes_the_website(
    visitor: Callable[..., Visitor], channel: Callable[..., Any]
) -> None:
    from chatbot.conversations.models import Channel
    from chatbot.routing.waiting import is_open, opens_at

    hours = {str(day): [["09:00", "17:00"]] for day in range(7)}
    channel(opening_hours=hours, holidays="DK", closed_days=["2026-12-24"])
    row = Channel.objects.get(pk=channel().pk)
    zone = ZoneInfo("Europe/Copenhagen")
    assert is_open(row, now=datetime(2026, 12, 23, 12, tzinfo=zone))
    assert not is_open(row, now=datetime(2026, 12, 25, 12, tzinfo=zone))
    back = opens_at(row, now=datetime(2026, 12, 23, 18, tzinfo=zone))
    assert back == datetime(2026, 12, 27, 9, tzinfo=zone)


def test_what_came_while_it_was_closed_goes_to_who_comes(
    visitor: Callable[..., Visitor],
    agent: Callable[[str], Agent],
    channel: Callable[..., Any],
) -> None:
    channel(**closed_for(2), away_messages={"en": "Closed for stocktaking."})
    anna = visitor("en")
    tab = anna.open()
    assert "Closed for stocktaking." in anna.ask(ASKS["en"])["text"]
    freja = agent("freja")
    freja.open()
    given = tab.next("conversation", lambda e: e["conversation"]["status"] == "assigned")
    assert given["conversation"]["agent"]["name"] == "Freja"
    assert wait_for(lambda: freja.get("conversations", view="mine")["results"])
