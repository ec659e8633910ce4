"""Messages as channels can show them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.degrading import chosen, fit, split
from chatbot.envelope import Capabilities, QuickReply

HINT = "Answer with a number, or in your own words."
TWO = (QuickReply("Where is my order?"), QuickReply("Talk to a person", intent="human"))


def test_buttons_stay_where_there_are_buttons() -> None:
    [part] = fit("Hi", "<p>Hi</p>", TWO, Capabilities(buttons=2, button_length=40), HINT)
    assert (part.text, part.html, part.quick_replies) == ("Hi", "<p>Hi</p>", TWO)


@pytest.mark.parametrize(
    "can", [Capabilities(), Capabilities(buttons=1, button_length=40), Capabilities(buttons=9)]
)
def test_choices_become_a_numbered_list_where_buttons_do_not_fit(can: Capabilities) -> None:
    [part] = fit("What is it about?", "<p>What?</p>", TWO, can, HINT)
    assert part.quick_replies == ()
    assert "1. Where is my order?\n2. Talk to a person" in part.text
    assert part.text.endswith(HINT)
    assert "1. Where is my order?<br>2. Talk to a person" in (part.html or "")


def test_a_list_that_is_numbered_already_is_not_said_twice() -> None:
    text = "Which one?\n1. Where is my order?\n2. Talk to a person"
    [part] = fit(text, None, TWO, Capabilities(), HINT)
    assert part.text == f"{text}\n\n{HINT}"


@pytest.mark.parametrize("said", ["2", "2.", " 2 ", "nr. 2", "Nr 2", "#2", "2)"])
def test_a_number_is_the_choice_that_has_it(said: str) -> None:
    assert chosen(said, TWO) == TWO[1]


@pytest.mark.parametrize("said", ["0", "3", "10482", "2 pieces", "two", ""])
def test_other_answers_are_no_choice(said: str) -> None:
    assert chosen(said, TWO) is None


def test_long_text_is_split_at_sentences() -> None:
    text = "One is here. Two is here! Three is here? Four."
    assert split(text, 26) == ["One is here. Two is here!", "Three is here? Four."]


def test_buttons_are_under_the_last_part() -> None:
    can = Capabilities(text_length=20, buttons=5, button_length=40)
    parts = fit("One is here. Two is here.", None, TWO, can, HINT)
    assert [bool(part.quick_replies) for part in parts] == [False, True]


@given(st.text(alphabet="abc .!?\n", max_size=400), st.integers(5, 60))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(len(part) <= most for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
