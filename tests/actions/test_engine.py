"""A seventh action, in one class: the dialogue around it is the engine's."""

from collections.abc import Callable
from datetime import date

import pytest

from chatbot.actions import engine, reading, registry
from chatbot.actions.base import Action, Ask, Case, Done, Person, Slot, Step, Task
from chatbot.actions.engine import Answer, Aside, Other, Said, Turn
from chatbot.actions.slots import EMAIL, ORDER, words
from chatbot.conversations.models import Conversation

CASE = Case(Conversation(), "m1", "en", date(2026, 11, 22))


class GiftWrapping(Action):
    """Wrap an order as a gift, with a greeting."""

    name = "gift_wrapping"
    slots = (ORDER, EMAIL, words("greeting"), Slot("card", is_optional=True))

    def step(self, task: Task, case: Case) -> Step:
        for slot in self.slots:
            if not task.knows(slot.name):
                return Ask(slot.name, f"{slot.name}?")
        return Done("wrapped", "Wrapped.")


@pytest.fixture(autouse=True)
def _a_seventh_action(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "actions", lambda: {"gift_wrapping": GiftWrapping()})


def begun(text: str = "wrap it please") -> Turn:
    return engine.begin(Task("gift_wrapping"), text, CASE)


def nothing(_text: str) -> Aside | None:
    return None


def after(
    *said: str, first: str = "wrap it please", aside: Callable[[str], Aside | None] = nothing
) -> Turn:
    """Return the last turn of a dialogue that begins with `first` and goes on with `said`."""
    turn: Turn | None = begun(first)
    for text in said:
        assert turn is not None
        assert turn.task is not None
        turn = engine.go_on(turn.task, Said(text), CASE, aside)
    assert turn is not None
    return turn


def asks(turn: Turn) -> str:
    assert isinstance(turn.step, Ask)
    return turn.step.slot


def test_one_thing_is_asked_at_a_time_to_the_end() -> None:
    turn = after("10482", "a@post.example", "Happy birthday", "no card")
    assert isinstance(turn.step, Done)
    assert turn.outcome == "wrapped"


def test_what_was_said_already_is_not_asked_again() -> None:
    assert asks(begun("wrap order 10482, my mail is a@post.example")) == "greeting"


def test_a_correction_is_taken_whatever_was_asked() -> None:
    turn = after("10482", "no wait, 10483")
    assert turn.task is not None
    assert turn.task.value("order") == "10483"
    assert asks(turn) == "email"


def test_never_mind_ends_it() -> None:
    assert after("10482", "never mind, I'll do it myself").outcome == "cancelled"


def test_two_answers_that_are_none_bring_a_person_with_what_was_collected() -> None:
    turn = after("10482", "bananas", "apples")
    assert turn.outcome == "gave_up"
    assert isinstance(turn.step, Person)
    assert turn.step.task is not None
    assert turn.step.task.value("order") == "10482"


def test_a_good_answer_forgives_a_bad_one() -> None:
    turn = after("bananas", "10482", "apples")
    assert asks(turn) == "email"


def test_what_cannot_be_said_is_left_out_where_it_may() -> None:
    turn = after("10482", "a@post.example", "Happy birthday", "I don't know")
    assert turn.outcome == "wrapped"


def test_a_question_in_between_is_answered_and_the_action_goes_on() -> None:
    asked: list[str] = []

    def aside(text: str) -> Aside | None:
        asked.append(text)
        return Answer("open until five")

    turn = after("10482", "btw, when are you open?", aside=aside)
    assert asked == ["when are you open?"]
    assert turn.aside == Answer("open until five", is_between=True)
    assert asks(turn) == "email"


def test_a_question_beside_an_answer_is_answered_as_well() -> None:
    def aside(_text: str) -> Aside | None:
        return Answer("open until five")

    turn = after("10482. And when are you open?", aside=aside)
    assert turn.aside == Answer("open until five")
    assert asks(turn) == "email"


def test_another_wish_ends_this_one() -> None:
    turn = after("10482", "I want my money back", aside=lambda _: Other("refund", None))
    assert (turn.task, turn.outcome) == (None, "changed")


def test_a_person_may_be_had_at_any_time() -> None:
    turn = begun()
    assert turn.task is not None
    turned = engine.go_on(turn.task, Said("a human please", wants_person=True), CASE, nothing)
    assert turned is not None
    assert isinstance(turned.step, Person)
    assert turned.step.reason == "customer_request"


def test_thanks_are_no_failed_answer() -> None:
    turn = begun()
    for _ in range(3):
        assert turn.task is not None
        again = engine.go_on(turn.task, Said("thanks", is_courtesy=True), CASE, nothing)
        assert again is not None
        turn = again
    assert asks(turn) == "order"


def test_a_task_survives_its_way_through_json() -> None:
    task = after("10482").task
    assert task is not None
    assert Task.of(task.to_json()) == task


def test_phrases_of_an_answer_are_no_farewell() -> None:
    assert not reading.says_first("never_mind", "the egal one, please")
