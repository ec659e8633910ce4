"""The Bot API server of these tests keeps to what is documented of the real one."""

import threading
from typing import Any

import httpx
import pytest

from tests.channels_adapters.telegram.people import Person
from tests.channels_adapters.telegram.server import TelegramServer


def ask(telegram: TelegramServer, method: str, values: Any = None, *, token: str = "") -> Any:
    """Call a method by JSON; return the answer, whatever its status."""
    address = f"{telegram.url}/bot{token or telegram.token}/{method}"
    response = httpx.post(address, json=values or {})
    answer = response.json()
    assert response.status_code == answer.get("error_code", 200)
    return answer


@pytest.mark.parametrize("way", ["query", "form", "json"])
def test_parameters_come_in_any_form(telegram: TelegramServer, ida: Person, way: str) -> None:
    values = {"chat_id": str(ida.id), "text": "1 + 1 = 2 & æ"}
    address = f"{telegram.url}/bot{telegram.token}/sendMessage"
    ways = {
        "query": lambda: httpx.get(address, params=values),
        "form": lambda: httpx.post(address, data=values),
        "json": lambda: httpx.post(address, json=values),
    }

    answer = ways[way]().json()

    assert answer["ok"]
    assert answer["result"]["chat"]["id"] == ida.id
    assert telegram.sent[0].text == "1 + 1 = 2 & æ"


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("æ <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
    ],
)
def test_html_that_is_wrong_is_refused(
    telegram: TelegramServer, ida: Person, text: str, description: str
) -> None:
    answer = ask(telegram, "sendMessage", {"chat_id": ida.id, "text": text, "parse_mode": "HTML"})

    assert answer["error_code"] == 400
    assert answer["description"] == f"Bad Request: can't parse entities: {description}"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (("sendMessage", {"chat_id": 5, "text": "x"}), (400, "Bad Request: chat not found")),
        (("sendMessage", {"text": " "}), (400, "Bad Request: message text is empty")),
        (("sendMessage", {"text": "🙂" * 2049}), (400, "Bad Request: message is too long")),
        (("noSuchMethod", {}), (404, "Not Found: method not found")),
    ],
)
def test_what_is_wrong_is_refused_in_the_documented_form(
    telegram: TelegramServer, ida: Person, call: tuple[str, Any], expected: tuple[int, str]
) -> None:
    answer = ask(telegram, call[0], {"chat_id": ida.id, **call[1]})

    assert not answer["ok"]
    assert (answer["error_code"], answer["description"]) == expected


def test_data_of_a_button_has_64_bytes_at_most(telegram: TelegramServer, ida: Person) -> None:
    def with_data(data: str) -> Any:
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        return ask(
            telegram, "sendMessage", {"chat_id": ida.id, "text": "x", "reply_markup": keyboard}
        )

    assert with_data("x" * 64)["ok"]
    assert with_data("æ" * 33)["description"] == "Bad Request: BUTTON_DATA_INVALID"


def test_updates_are_given_again_until_they_are_confirmed(
    telegram: TelegramServer, ida: Person
) -> None:
    first = ask(telegram, "getUpdates")["result"]
    again = ask(telegram, "getUpdates")["result"]
    after = ask(telegram, "getUpdates", {"offset": first[-1]["update_id"] + 1})["result"]

    assert [one["message"]["text"] for one in first] == ["hi"]
    assert again == first
    assert after == []


def test_of_two_that_poll_the_first_is_turned_away(telegram: TelegramServer) -> None:
    answers: list[Any] = []
    first = threading.Thread(
        target=lambda: answers.append(ask(telegram, "getUpdates", {"timeout": 10}))
    )
    first.start()
    telegram.wait_for(lambda: telegram.polls)
    ask(telegram, "getUpdates")
    first.join()

    assert answers[0]["error_code"] == 409
    assert "terminated by other getUpdates request" in answers[0]["description"]


def test_there_is_no_polling_beside_a_webhook(telegram: TelegramServer) -> None:
    ask(telegram, "setWebhook", {"url": "http://127.0.0.1:9/"})

    assert "webhook is active" in ask(telegram, "getUpdates")["description"]
    assert ask(telegram, "getWebhookInfo")["result"]["url"] == "http://127.0.0.1:9/"


def test_a_token_has_to_be_right(telegram: TelegramServer) -> None:
    wrong = ask(telegram, "getMe", token="1:" + "x" * 35)
    malformed = ask(telegram, "getMe", token="x")

    assert (wrong["error_code"], wrong["description"]) == (401, "Unauthorized")
    assert (malformed["error_code"], malformed["description"]) == (404, "Not Found")


def test_a_message_of_the_bot_can_be_edited(telegram: TelegramServer, ida: Person) -> None:
    sent = ask(telegram, "sendMessage", {"chat_id": ida.id, "text": "one"})["result"]
    place = {"chat_id": ida.id, "message_id": sent["message_id"]}

    edited = ask(telegram, "editMessageText", {**place, "text": "two"})
    same = ask(telegram, "editMessageText", {**place, "text": "two"})

    assert edited["result"]["text"] == "two"
    assert same["description"] == "Bad Request: message is not modified"


def test_flood_control_is_of_one_chat(telegram: TelegramServer, ida: Person) -> None:
    bo = telegram.person("Bo")
    telegram.say(bo, "hi")
    telegram.flood_seconds = 1
    ask(telegram, "sendMessage", {"chat_id": ida.id, "text": "one"})

    refused = ask(telegram, "sendMessage", {"chat_id": ida.id, "text": "two"})

    assert refused["parameters"] == {"retry_after": 1}
    assert refused["description"] == "Too Many Requests: retry after 1"
    assert ask(telegram, "sendMessage", {"chat_id": bo.id, "text": "one"})["ok"]
