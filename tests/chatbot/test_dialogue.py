"""What a message means after what was said before."""

import pytest

from chatbot.answering.dialogue import (
    Dialogue,
    Option,
    Rejected,
    choice_of,
    is_follow_up,
    is_not_it,
    is_repeat,
    is_upset,
    parts_of,
)

OPTIONS = (
    Option("1", "How long does delivery take?"),
    Option("2", "What does delivery cost?"),
    Option("3", "Hvor er min pakke?"),
)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("What does delivery cost?", "2"),
        ("what does delivery cost", "2"),
        ("what does delivry cost?", "2"),
        ("1", "1"),
        ("the second one", "2"),
        ("Den tredje", "3"),
        ("das Erste", "1"),
    ],
)
def test_a_choice_is_made_by_title_or_number(text: str, entry: str) -> None:
    chosen = choice_of(text, OPTIONS)
    assert isinstance(chosen, Option)
    assert chosen.entry == entry


@pytest.mark.parametrize(
    "text", ["None of these", "nej", "Ingen af dem", "inget av dem", "Nichts davon", "ingen av dem"]
)
def test_all_choices_can_be_turned_down(text: str) -> None:
    assert choice_of(text, OPTIONS) is Rejected.REJECTED


def test_anything_else_is_a_message_of_its_own() -> None:
    assert choice_of("my lamp flickers", OPTIONS) is None
    assert choice_of("3", OPTIONS[:2]) is None
    assert choice_of("1", ()) is None


@pytest.mark.parametrize(
    "text",
    [
        "and to Norway?",
        "what about Sweden",
        "og til Norge?",
        "hvad med lamper?",
        "hur är det med mattor?",
        "und nach Österreich?",
        "Was ist mit Lampen?",
        "og hva med Bergen?",
    ],
)
def test_follow_ups_are_noticed(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?",
        "hvor er min pakke",
        "and i also wanted to know whether you could send it to my sister in Norway instead",
        "android app",
        "",
    ],
)
def test_questions_that_stand_alone_are_no_follow_ups(text: str) -> None:
    assert not is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "That's not it",
        "thats not what i asked!",
        "Det var ikke det, jeg spurgte om",
        "Det hjälpte inte",
        "Das war nicht meine Frage.",
        "wrong anwser",
    ],
)
def test_a_customer_can_say_that_it_was_no_answer(text: str) -> None:
    assert is_not_it(text)


@pytest.mark.parametrize("text", ["wrong size", "not delivered", "det er en lampe", "nej", ""])
def test_problems_are_no_verdicts(text: str) -> None:
    assert not is_not_it(text)


@pytest.mark.parametrize(
    "text",
    [
        "This is RIDICULOUS, third time I ask",
        "det er fandeme for dårligt",
        "vilken jävla service",
        "So eine Unverschämtheit!",
        "WHERE IS MY PARCEL WHY DOES NOBODY ANSWER!!",
        "for faen, hvor er pakken",
    ],
)
def test_anger_is_noticed(text: str) -> None:
    assert is_upset(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?",
        "min vase er gået i stykker",
        "kan jag betala med Swish",
        "MEINE BESTELLNUMMER IST LL-10423",
        "large towels",
        "the colour charge",
    ],
)
def test_calm_words_are_no_anger(text: str) -> None:
    assert not is_upset(text)


def test_several_questions_are_told_apart() -> None:
    assert parts_of("How long is delivery? And what does it cost?") == (
        "How long is delivery?",
        "And what does it cost?",
    )
    assert parts_of("I bought a lamp. Can I return it? When do I get the money back?") == (
        "I bought a lamp. Can I return it?",
        "When do I get the money back?",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel?",
        "where is my parcel??",
        "Really? where is my parcel?",
        "My cup is broken.\nIt came today.\nWhat now?",
        "no question at all",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert parts_of(text) == (text,)


def test_a_question_asked_again_is_noticed() -> None:
    dialogue = Dialogue().answered("How long does delivery take?")
    assert is_repeat("how long does delivery take", dialogue)
    assert not is_repeat("what does delivery cost", dialogue)
    for number in range(3):
        dialogue = dialogue.answered(f"Something else entirely, number {number}")
    assert not is_repeat("how long does delivery take", dialogue)


def test_what_is_remembered_survives_storing() -> None:
    dialogue = Dialogue().answered("a question").clarified("which one", OPTIONS).failed()
    assert Dialogue.of(dialogue.to_json()) == dialogue
    assert Dialogue.of({}) == Dialogue()
    assert Dialogue().to_json() == {}
    assert dialogue.failures == 2
    assert dialogue.answered("at last").failures == 0
