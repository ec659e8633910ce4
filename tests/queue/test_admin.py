"""Hours, days off and away messages as an admin fills them in."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.world import Agent, Server

ADD = "/admin/conversations/channel/add/?kind=website"
NAME = "Channel of the queue"


@pytest.fixture
def admin(server: Server) -> Iterator[httpx.Client]:
    from chatbot.conversations.models import Channel

    agent = Agent(server, "admin")
    yield agent.http
    agent.close()
    Channel.objects.filter(name=NAME).delete()


def save(admin: httpx.Client, path: str = ADD, **fields: str) -> httpx.Response:
    page = admin.get(path).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert token is not None
    assert key is not None
    given = {
        "name": NAME,
        "is_active": "on",
        "bot_name": "Svar",
        "language": "en",
        "reply_minutes": "5",
        "accent": "#0f766e",
        "key": key[1],
        "csrfmiddlewaretoken": token[1],
        **fields,
    }
    return admin.post(path, data=given, headers={"Referer": str(admin.base_url)})


def saved() -> Any:
    from chatbot.conversations.models import Channel

    return Channel.objects.get(name=NAME)


def test_hours_are_filled_in_by_weekday(admin: httpx.Client) -> None:
    answer = save(
        admin,
        opening_hours_0_0_from="13:00",
        opening_hours_0_0_to="17:30",
        opening_hours_0_1_from="09:00",
        opening_hours_0_1_to="12:00",
        opening_hours_4_0_from="18:00",
        opening_hours_4_0_to="00:00",
        holidays="de-sh",
        closed_days="2026-12-24 – 2026-12-26\n31.12.2026\n",
        away_messages_da="Vi holder lukket.\r\nTak for din tålmodighed.",
        away_messages_sv="  ",
        people_first="4",
        offer_bot_seconds="45",
    )
    assert answer.status_code == 302, answer.text
    channel = saved()
    assert channel.opening_hours == {
        "0": [["09:00", "12:00"], ["13:00", "17:30"]],
        "4": [["18:00", "23:59"]],
    }
    assert channel.holidays == "DE-SH"
    assert channel.closed_days == ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31"]
    assert channel.away_messages == {"da": "Vi holder lukket.\nTak for din tålmodighed."}
    assert (channel.people_first, channel.offer_bot_seconds, channel.nps_days) == (4, 45, 0)

    path = f"/admin/conversations/channel/{channel.pk}/change/"
    form = admin.get(path).text
    assert 'name="opening_hours_0_1_to" value="17:30"' in form
    assert 'name="opening_hours_4_0_to" value="23:59"' in form
    assert "2026-12-24 – 2026-12-26\n2026-12-31" in form
    # Saved as it is shown, it stays the same.
    shown = dict(re.findall(r'name="(opening_hours_\w+)" value="([^"]*)"', form))
    answer = save(
        admin,
        path,
        **shown,
        holidays="DE-SH",
        closed_days="2026-12-24 – 2026-12-26\n2026-12-31",
        away_messages_da="Vi holder lukket.\nTak for din tålmodighed.",
        people_first="",
    )
    assert answer.status_code == 302, answer.text
    again = saved()
    assert again.opening_hours == channel.opening_hours
    assert again.closed_days == channel.closed_days
    assert again.people_first == 0  # left empty: as a new channel


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"opening_hours_2_0_from": "17:00", "opening_hours_2_0_to": "09:00"},
            "Wednesday: it ends before it begins.",
        ),
        (
            {"opening_hours_0_0_from": "09:00"},
            "Monday: fill in both times, or neither.",
        ),
        (
            {
                "opening_hours_0_0_from": "09:00",
                "opening_hours_0_0_to": "13:00",
                "opening_hours_0_1_from": "12:00",
                "opening_hours_0_1_to": "17:00",
            },
            "Monday: the times overlap.",
        ),
        (
            {"opening_hours_6_0_from": "nine", "opening_hours_6_0_to": "five"},
            "Sunday: write times like 09:00.",
        ),
        ({"holidays": "DE-XX"}, "DE has these regions: DE-BB"),
        ({"holidays": "Atlantis"}, "No calendar is known for this"),
        ({"closed_days": "Christmas"}, "“Christmas” is no day"),
        ({"closed_days": "2027-01-02 – 2026-12-24"}, "the last day must follow the first"),
        ({"closed_days": "2026-01-01 – 2028-01-01"}, "within a year"),
        ({"closed_days": "<script>alert(1)</script>"}, "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ({"away_messages_de": "x" * 1_001}, "A text may have 1000 characters."),
        ({"people_first": "-1"}, "greater than or equal to 0"),
        ({"offer_bot_seconds": "40000"}, "less than or equal to 32767"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_stays_for_correction(
    admin: httpx.Client, fields: dict[str, str], said: str
) -> None:
    from chatbot.conversations.models import Channel

    answer = save(admin, **fields)
    assert answer.status_code == 200
    assert said in answer.text
    assert "<script>alert(1)" not in answer.text
    for name, value in fields.items():
        if name.startswith("opening_hours"):
            assert f'name="{name}" value="{value}"' in answer.text
    assert not Channel.objects.filter(name=NAME).exists()


def test_no_hours_mean_always_open(admin: httpx.Client) -> None:
    assert save(admin).status_code == 302
    assert saved().opening_hours == {}
    assert saved().offer_bot_seconds == 30
