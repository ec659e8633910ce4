"""Pictures within an action: counted once, whenever they come."""

from collections.abc import Callable
from typing import Any

from tests.actions.playing import picture
from tests.world import Visitor


def shows(one: Visitor, text: str = "") -> Any:
    """Send a picture, with `text`; return the reply."""
    answer = one.http.post(
        "/api/v1/widget/attachments", files={"file": ("screen.png", picture(), "image/png")}
    )
    assert answer.status_code == 201, answer.text
    return one.ask(text, attachments=[answer.json()["id"]])


def collected() -> dict[str, str]:
    from chatbot.actions.models import ActionRun

    values: dict[str, str] = ActionRun.objects.latest("pk").values
    return values


def test_one_with_the_first_words_is_one(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en")
    one.open()
    shows(one, "something on the website doesn't work")
    assert collected()["pictures"] == "1"


def test_a_second_one_is_counted_too(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en")
    one.open()
    shows(one, "something on the website doesn't work")
    shows(one)
    assert collected()["pictures"] == "2"


def test_one_instead_of_a_number_is_kept_and_no_failed_answer(
    visitor: Callable[..., Visitor],
) -> None:
    one = visitor("en")
    one.ask("I want to make a complaint")
    one.ask("The bowl arrived in two pieces and the box was crushed")
    for _ in range(3):
        assert shows(one)["text"].startswith("Which order is it about?")
    assert "Your case has the number" in one.ask("10482")["text"]


def test_one_before_any_word_is_asked_about(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en")
    one.open()
    assert "What is it about?" in shows(one)["text"]
    shown = one.ask("something on the website doesn't work")
    assert "What goes wrong?" not in shown["text"]
    assert collected()["pictures"] == "1"
