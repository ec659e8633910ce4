"""What was suggested and what was done: the page by real rows."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

from tests.chatbot.routing_reports.conftest import assigned

Send = Callable[..., str]
PAGE = "insights/suggestions/"


def cells(page: str, name: str) -> list[str]:
    """Return the cells of a row of the table."""
    found = re.search(rf'<th scope="row">{re.escape(name)}</th>(.*?)</tr>', page)
    assert found is not None, page[:3_000]
    return [cell.strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1])]


def chart(page: str, kind: str) -> Any:
    found = re.search(rf'data-type="{kind}" data-value="([^"]*)"', page)
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_without_suggestions_it_says_what_will_be_there(send: Send) -> None:
    told = send(PAGE)
    assert "No suggestion was recorded in this period" in told
    assert "<canvas" not in told


def test_both_groups_beside_each_other(send: Send) -> None:
    for number in range(20):
        assigned("mette", suggested="mette", minutes=10 + number % 5, rating=5)
        assigned("jonas", suggested="mette", minutes=30 + number % 5, rating=3)
    for _number in range(5):
        assigned("jonas", suggested="mette", minutes=None, ended="passed_on", why="<b>no</b>")
    told = send(PAGE)
    minutes = cells(told, "Minutes, median")
    assert minutes[0].startswith("12 (")
    assert minutes[1] == "20"
    assert minutes[2].startswith("32 (")
    assert minutes[4].startswith("−6")  # of the geometric mean, within the topic
    assert minutes[5] == "better as suggested"
    passed = cells(told, "Declined, passed on or not answered")
    assert (passed[0], passed[1], passed[3]) == ("0 % (0 % to 0 %)", "20", "25")
    assert passed[2].startswith("20 % (")
    rating = cells(told, "Customers&#x27; ratings, mean of 1 to 5")
    assert (rating[0], rating[2]) == ("5.0 (5.0 to 5.0)", "3.0 (3.0 to 3.0)")
    assert rating[5] == "better as suggested"
    assert "no experiment" in told


def test_what_routing_chose_itself_counts_as_suggested(send: Send) -> None:
    assigned("mette", way="routed")
    assigned("mette", way="accepted", suggested="mette")
    assigned("mette", way="taken", suggested="jonas")
    assigned("mette", way="taken")
    told = send(PAGE)
    counts = re.findall(r"<dt>([^<]*)</dt><dd>(\d+)</dd>", told)
    assert counts == [("as suggested", "2"), ("otherwise", "2")]
    assert cells(told, "Minutes, median")[5] == "too few to tell"


def test_a_harder_topic_does_not_pass_for_a_worse_agent(send: Send) -> None:
    # Whoever was not suggested got the hard cases, and was as quick as anybody at each.
    for topic, minutes, followed, other in (("delivery", 10, 18, 6), ("privacy", 60, 6, 18)):
        for number in range(followed):
            assigned("mette", suggested="mette", topic=topic, minutes=minutes + number % 3)
        for number in range(other):
            assigned("jonas", suggested="mette", topic=topic, minutes=minutes + number % 3)
    row = cells(send(PAGE), "Minutes, median")
    assert row[0].startswith("1")
    assert row[2].startswith("6")
    assert row[5] == "no clear difference"


def test_pictures_have_their_numbers_beside_them(send: Send) -> None:
    assigned("mette", suggested="mette", minutes=10, days_ago=1)
    assigned("mette", suggested="mette", minutes=12, days_ago=15)
    assigned("jonas", suggested="mette", minutes=30, days_ago=15, topic="privacy")
    told = send(PAGE)
    weeks, topics = chart(told, "line"), chart(told, "bar")
    assert len(weeks["labels"]) == 3  # the week between is there, without a number
    assert weeks["datasets"][0]["data"] == [12, None, 10]
    assert weeks["datasets"][1]["data"] == [30, None, None]
    assert topics["labels"] == ["Delivery (2 / 0)", "Privacy (0 / 1)"]
    by_topic = told.partition("By topic")[2]
    assert cells(by_topic, "Delivery") == ["11", "2", "–", "0"]


def test_period_and_channel_choose_what_is_compared(send: Send) -> None:
    from chatbot.conversations.models import Channel

    assigned("mette", suggested="mette", days_ago=60)
    channel = Channel.objects.earliest("pk").pk
    assert "<dd>1</dd>" in send(PAGE)
    assert "No suggestion was recorded" in send(f"{PAGE}?days=30")
    assert "<dd>1</dd>" in send(f"{PAGE}?days=365&channel={channel}")
    other = Channel.objects.create(name="Other", key="other-of-reports", kind="http")
    try:
        assert "No suggestion was recorded" in send(f"{PAGE}?channel={other.pk}")
        assert "<dd>1</dd>" in send(f"{PAGE}?channel=<script>&days=never")
    finally:
        other.delete()
