"""What a message gives an action."""

from datetime import date

import pytest

from chatbot.actions import reading

TODAY = date(2026, 11, 22)
ORDERS = ["10496, 21 Nov: Dis bedding", "10488, 14 Nov: Fyr table lamp, sand", "10460: Ulla grey"]


@pytest.mark.parametrize(
    ("text", "asked", "number"),
    [
        ("my order 1042 from 2 May hasn't come", False, "1042"),
        ("ordre #10482, m12345@post.example", False, "10482"),
        ("10482", True, "10482"),
        ("no wait, it was 10443", True, "10443"),
        ("not 10442 but 10443", False, "10443"),
        ("det er 10443, ikke 10442", False, "10443"),
        ("es ist 10443 statt 10442", False, "10443"),
        ("ordrenr. ll-10482 tak", False, "LL-10482"),
        ("det kostede 12990 kr", False, None),
        ("I paid €12990", False, None),
        ("since 2024 it never worked", False, None),
        ("mit nummer er 20304050", True, "20304050"),
        ("track 00370730254501048812", False, None),
        ("I don't have it", True, None),
    ],
)
def test_an_order_number_is_found(text: str, asked: bool, number: str | None) -> None:
    assert reading.order_in(text, asked=asked) == number


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Mette.Olsen@post.example.", "mette.olsen@post.example"),
        ("it's not a@x.example but b@x.example", "b@x.example"),
        ("peter@soerensen .example", None),
        ("min mail er kaj @ post.example tak", "kaj@post.example"),
        ("@mette", None),
    ],
)
def test_an_address_is_found(text: str, address: str | None) -> None:
    assert reading.email_in(text) == address


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("glem det", "never_mind"),
        ("nej tak ellers", "never_mind"),
        ("ach vergessen Sie es bitte", "never_mind"),
        ("jeg har desværre ikke nummeret", "unknown"),
        ("das weiß ich leider nicht", "unknown"),
        ("nevermind thanks", "never_mind"),
        ("skicka en ny kod tack", "resend"),
    ],
)
def test_what_people_say_instead_of_an_answer_is_known(text: str, kind: str) -> None:
    assert reading.says(kind, text)


@pytest.mark.parametrize("text", ["never mind the colour, is it in stock", "10482", "stopklods"])
def test_what_only_begins_like_a_farewell_is_none(text: str) -> None:
    assert not reading.says("never_mind", text)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("2", [1]),
        ("the lamp one", [1]),
        ("lampen", [1]),
        ("10460", [2]),
        ("den anden", [1]),
        ("1 and 3", [0, 2]),
        ("nr 1", [0]),
        ("alle sammen", []),
        ("all of it", [0, 1, 2]),
        ("das zweite bitte", [1]),
        ("what do you mean", []),
    ],
)
def test_a_choice_is_understood_by_number_and_by_words(text: str, chosen: list[int]) -> None:
    assert reading.chosen(text, ORDERS) == chosen


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("from 2 May", date(2026, 5, 2)),
        ("den 3. december", date(2025, 12, 3)),
        ("am 1. März", date(2026, 3, 1)),
        ("May 2nd", date(2026, 5, 2)),
        ("12/11", date(2026, 11, 12)),
        ("2 lamps", None),
    ],
)
def test_a_day_is_found_in_the_past(text: str, day: date | None) -> None:
    assert reading.date_in(text, today=TODAY) == day


def test_a_machine_is_named_with_its_version() -> None:
    said = "jeg bruger firefox 131 på min pc med windows 11"
    assert (reading.system_in(said), reading.browser_in(said)) == ("Windows 11", "Firefox 131")


@pytest.mark.parametrize(
    ("text", "meant"), [("ja tak", True), ("nej det hjalp ikke", False), ("10482", None)]
)
def test_yes_and_no(text: str, meant: bool | None) -> None:
    assert reading.yes_or_no(text) is meant
