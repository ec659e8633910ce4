"""Closed tickets of four helpdesks through the page of the admin."""

import csv
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.chatbot.routing_reports.conftest import EXPORTS
from tests.world import PASSWORD, Agent, Server

Send = Callable[..., str]
CHECK = "insights/tickets/check/"


def taken() -> list[tuple[Any, ...]]:
    """Return what came in: number, agent, topic, language, channel, minutes, and what was said."""
    from chatbot.routing.models import Outcome

    return [
        (
            each.external_id,
            each.agent.user.username,
            each.topic,
            each.language,
            each.channel,
            round(each.minutes or 0),
            each.solved,
            each.follow_ups,
            each.rating,
        )
        for each in Outcome.objects.select_related("agent__user").order_by("external_id")
    ]


def upload(send: Send, name: str) -> str:
    return send("insights/tickets/", {}, file=(EXPORTS / name).read_bytes())


def test_zendesk(send: Send) -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username="freja").update(email="freja@lundlyng.example")
    told = upload(send, "zendesk.csv")
    assert "Take 3 tickets over" in told
    assert "It is not solved yet" in told
    assert "It was spam, deleted or merged with another one" in told
    assert "Lotte Gammel" in told
    assert "Line 6" in told  # of the open one
    told = send(
        CHECK,
        {
            "do": "look",
            "agent_name": "Lotte Gammel",
            "agent_is": "anke",
            "topic_word": "rechnungen",
            "topic_is": "payment",
            "helpdesk": "zendesk",
        },
    )
    assert "Take 4 tickets over" in told
    form = {
        "do": "take",
        "agent_name": "Lotte Gammel",
        "agent_is": "anke",
        "topic_word": "rechnungen",
        "topic_is": "payment",
    }
    assert "4 tickets were taken over" in send(CHECK, form)
    assert taken() == [
        ("zendesk:48210", "mette", "delivery", "da", "email", 60, True, 0, 5),
        # Of the shop's hours, nine to five.
        ("zendesk:48211", "jonas", "returns", "sv", "website", 290 + 20, False, 0, 1),
        # Before nine nobody was there.
        ("zendesk:48212", "anke", "payment", "de", "email", 40, True, 0, None),
        ("zendesk:48216", "freja", "products", "da", "website", 45, True, 0, 5),
    ]
    # The same file again changes nothing.
    upload(send, "zendesk.csv")
    assert "0 tickets were taken over" in send(CHECK, form)
    assert len(taken()) == 4


def test_freshdesk_writes_the_month_first(send: Send) -> None:
    from chatbot.routing.models import AgentProfile

    office = {str(day): [["08:00", "12:00"], ["12:30", "16:00"]] for day in range(7)}
    AgentProfile.objects.filter(user__username="anke").update(hours=office)
    told = upload(send, "freshdesk.csv")
    assert "As found: the month first" in told
    assert "Nobody replied to it" in told
    send(CHECK, {"do": "take"})
    assert taken() == [
        ("freshdesk:1001", "anke", "returns", "en", "email", 240, None, 2, 5),
        ("freshdesk:1002", "mette", "warranty", "", "website", 40, None, 0, 2),
    ]


def test_intercom_names_its_zone_in_the_columns(send: Send) -> None:
    told = upload(send, "intercom.csv")
    assert "Nobody had it" in told
    send(CHECK, {"do": "take"})
    assert taken() == [
        ("intercom:215470000001", "mette", "delivery", "da", "website", 60, None, 0, 5),
        ("intercom:215470000002", "jonas", "accounts", "sv", "email", 120, None, 0, 2),
    ]
    from chatbot.routing.models import Outcome

    solved = Outcome.objects.get(external_id="intercom:215470000001").at
    assert solved.isoformat() == "2026-03-10T09:00:00+00:00"  # five in the morning in New York


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "utf-16"])
def test_danish_columns_with_semicolons(send: Send, encoding: str) -> None:
    from chatbot.conversations.models import Channel

    Channel.objects.update(opening_hours={str(day): [["09:00", "10:00"]] for day in range(5)})
    text = (EXPORTS / "sager.csv").read_text("utf-8").replace("★★★★☆", "4/5")
    told = send("insights/tickets/", {}, file=text.encode(encoding))
    assert "Its number stands in the file twice" in told
    assert "The column “Oprettet” holds no date and time" in told
    send(
        CHECK,
        {"do": "take", "topic_word": "Pleje af uld", "topic_is": "care", "helpdesk": "Vores sager"},
    )
    assert taken() == [
        ("vores-sager:S-1", "mette", "delivery", "da", "email", 60, True, 3, 4),
        ("vores-sager:S-2", "freja", "care", "da", "telefon", 1, True, 0, 4),
    ]


def test_the_topic_is_read_from_the_subject_where_no_category_says_it(send: Send) -> None:
    rows = [["Ticket ID", "Agent", "Subject", "Created time", "Resolved time"]]
    subjects = ("How long does delivery take?", "Do you sell pianos or trumpets?")
    for number, subject in enumerate(subjects):
        rows.append([str(number), "mette", subject, "2026-03-02 09:00", "2026-03-02 09:30"])
    told = send("insights/tickets/", {}, file=written(rows))
    assert "Take 2 tickets over" in told
    send(CHECK, {"do": "take", "subjects": "1"})
    assert [row[2] for row in taken()] == ["delivery", ""]


def test_columns_and_dates_can_be_said_by_hand(send: Send) -> None:
    rows = [
        ["Ref", "Who", "From", "Until"],
        ["1", "mette", "3/4/2026 9:00 AM", "3/4/2026 9:50 AM"],
    ]
    told = send("insights/tickets/", {}, file=written(rows))
    assert "Choose a column for:" in told
    form = {
        "column_id": "Ref",
        "column_agent": "Who",
        "column_created": "From",
        "column_solved": "Until",
    }
    told = send(CHECK, {**form, "do": "look"})
    assert "No date in the file tells which it is." in told
    send(CHECK, {**form, "do": "take", "order": "month", "zone": "America/New_York"})
    from chatbot.routing.models import Outcome

    assert Outcome.objects.get().at.isoformat() == "2026-03-04T14:50:00+00:00"
    send("insights/tickets/", {}, file=written(rows))
    assert "is no time zone" in send(CHECK, {**form, "do": "take", "zone": "Nowhere"})


def test_what_was_taken_over_can_be_taken_back(send: Send) -> None:
    upload(send, "intercom.csv")
    send(CHECK, {"do": "take"})
    assert "Take intercom back" in send("insights/tickets/")
    assert "2 tickets were taken back." in send("insights/tickets/", {"take_back": "intercom"})
    assert taken() == []


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


HEAD = b"Ticket ID,Agent,Created time,Resolved time,Tags\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Choose a CSV file"),
        (b"\n\n\n", "The first line must name the columns"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "The first line must name the columns"),
        (HEAD + b'1,mette,2026-03-02,2026-03-03,"never closed\n2,mette,,,\n', "Line 2 cannot be"),
        (HEAD + b'1,mette,2026-03-02,2026-03-03,"' + b"x" * 200_000 + b'"\n', "Line 2 cannot be"),
        (b",".join(b"c%d" % n for n in range(2_000)) + b"\n", "more columns than an export"),
    ],
)
def test_files_that_are_none_are_refused_with_a_reason(
    send: Send, content: bytes, told: str
) -> None:
    assert told in send("insights/tickets/", {}, file=content)
    assert taken() == []


def test_hostile_cells_do_no_harm(send: Send) -> None:
    script = "<script>alert(1)</script>"
    slow = "2026-03-02" + " " * 90_000 + "x"
    rows = [
        ["Ticket ID", "Agent", "Created time", "Resolved time", "Tags", "Subject", script],
        ["1", script, "2026-03-02 09:00", "2026-03-02 09:30", script, "", ""],
        ["2", "mette", slow, slow, "", "", ""],
        ["=1+1", "mette", "2026-03-02 09:00", "2026-03-02 09:30", "\0", "=cmd|'x'!A1", ""],
        ["3" * 5_000, "mette", "2026-03-02 09:00", "2026-03-02 09:30", "", "", ""],
        ["4", "mette", "0000-00-00 00:00", "9999-99-99 99:99", "", "", ""],
        ["5", "mette", "2026-03-02 09:00", "2026-03-02 09:30", "", "", "", "too", "many"],
        ["6", "mette", "2026-03-02 09:00", "2199-03-02 09:30", "", "", ""],
        ["7", "mette", "2026-03-03 09:00", "2026-03-02 09:30", "", "", ""],
    ]
    rows += [[str(n), f"name {n}", "2026-03-02", "2026-03-02", f"tag-{n}"] for n in range(9, 2_000)]
    told = send("insights/tickets/", {}, file=written(rows))
    assert script not in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told
    assert "And 1892 more names." in told
    for reason in (
        "It has more cells than there are columns",
        "It was solved in the future",
        "It was solved before it began",
        "Its agent is nobody here",
    ):
        assert reason in told
    send(CHECK, {"do": "take"})
    first, second = (row[0] for row in taken())
    assert (first, len(second)) == ("tickets:=1+1", len("tickets:") + 64)


def test_others_find_no_import(server: Server, rows: None) -> None:
    from django.contrib.auth.models import Permission, User

    assert httpx.get(f"{server.url}/admin/insights/tickets/").status_code == 302
    user = User.objects.create_user("sten", password=PASSWORD, is_staff=True)
    sten = Agent(server, "sten")
    try:
        for page in ("tickets/", "tickets/check/", "competence/", "suggestions/"):
            assert sten.http.get(f"/admin/insights/{page}").status_code == 404
        user.user_permissions.set(Permission.objects.filter(codename="view_outcome"))
        assert sten.http.get("/admin/insights/competence/").status_code == 200
        assert "Import closed tickets" not in sten.http.get("/admin/insights/competence/").text
        headers = {"Referer": server.url}
        for page in ("tickets/", "tickets/check/"):
            assert sten.http.get(f"/admin/insights/{page}").status_code == 404
            answer = sten.http.post(f"/admin/insights/{page}", data={"do": "take"}, headers=headers)
            assert answer.status_code == 404
    finally:
        sten.close()
        user.delete()


def test_a_file_is_its_uploaders_own_and_gone_once_it_was_taken_over(
    send: Send, server: Server
) -> None:
    folder = server.data / "attachments" / "imports"
    before = set(folder.iterdir()) if folder.is_dir() else set()
    upload(send, "intercom.csv")
    assert len(set(folder.iterdir()) - before) == 1
    other = Agent(server, "admin")
    answer = other.http.get("/admin/insights/tickets/check/", follow_redirects=True)
    assert "Choose the file again" in answer.text
    other.close()
    send(CHECK, {"do": "take"})
    assert set(folder.iterdir()) == before
    assert "Choose the file again" in send(CHECK)
