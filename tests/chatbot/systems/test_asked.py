"""What is sent to a system of what customers type, and what counts as an answer to it."""

import pytest

from chatbot.systems.asked import (
    address_asked,
    climbs,
    is_same_address,
    is_same_number,
    number_asked,
    words_to_try,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (" # 10482 ", "10482"),
        ("SV-10486", "SV-10486"),
        ("2026/1042", "2026/1042"),
        ("Ø-17.2", "Ø-17.2"),
        ("1/../../admin", ""),
        ("..", ""),
        ("a\\..\\b", ""),
        ("%2e%2e", ""),
        ("---", ""),
        ("name:*", ""),
        ("10482\u202e", ""),
        ("1" * 65, ""),
    ],
)
def test_a_number_is_taken_out_of_what_is_typed(typed: str, number: str) -> None:
    assert number_asked(typed) == number


@pytest.mark.parametrize("value", ["..", "a/../b", "a\\..", ". /x", "./x", "a/ .. /b"])
def test_climbing_values_are_known(value: str) -> None:
    assert climbs(value)
    assert not climbs(value.replace(".", "x"))


@pytest.mark.parametrize("typed", ["ida@example.com", " Ida.Holm+shop@xn--mller-kva.dk ", "ø@ø.dk"])
def test_an_address_is_taken_out_of_what_is_typed(typed: str) -> None:
    assert address_asked(typed) == typed.strip()


def test_nothing_is_the_same_as_nothing() -> None:
    assert not is_same_number("", "#")
    assert not is_same_address("", " ")
    assert is_same_number("#sv-1", "SV-1")
    assert is_same_address("Ida@Example.com", "ida@example.COM ")


def test_searches_for_the_beginnings_of_long_words_next() -> None:
    assert words_to_try(" Nordlis  blankat ") == ["Nordlis blankat", "Nord", "blan"]
    assert words_to_try("LAMP-1") == ["LAMP-1", "LAMP"]
    assert words_to_try(" *\n") == []
