"""Personal data out of a text, and back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.answering.masking import PLACEHOLDER, Masked, luhn, mask, mask_all, unmask

PERSONAL = [
    # Mail, the network
    ("Write to anna.holm+shop@example.co.uk.", "Write to [EMAIL_1]."),
    ("my ip is 192.168.1.20, or 2001:db8::1", "my ip is [IP_1], or [IP_2]"),
    ("https://shop.example/a?token=abc&e=1#x now", "https://shop.example/a?[QUERY_1] now"),
    ("https://anna:secret@shop.example/a", "https://[LOGIN_1]@shop.example/a"),
    # Telephones: Denmark, Sweden, Norway, Germany, Britain, America
    ("ring på 70 20 30 40 i dag", "ring på [PHONE_1] i dag"),
    ("tlf.70203040.", "tlf.[PHONE_1]."),
    ("Telefon +45 70 20 30 40, mobil 20-30-40-50", "Telefon [PHONE_1], mobil [PHONE_2]"),
    ("ring 070-123 45 67 eller 08/123 456 78", "ring [PHONE_1] eller [PHONE_2]"),
    ("ring meg på 406 12 345", "ring meg på [PHONE_1]"),
    ("0171-2345678, 040/12345678", "[PHONE_1], [PHONE_2]"),
    ("020 7946 0958 or +44 20 7946 0958", "[PHONE_1] or [PHONE_2]"),
    ("(555) 234-5678 or 0049 40 1234567", "[PHONE_1] or [PHONE_2]"),
    # Money
    ("DK50 0040 0440 1162 43 tak", "[IBAN_1] tak"),
    ("se4550000000058398257466", "[IBAN_1]"),
    ("NO93 8601 1117 947 og DE89370400440532013000", "[IBAN_1] og [IBAN_2]"),
    ("card 4111 1111 1111 1111 12/27", "card [CARD_1] 12/27"),
    ("3782-822463-10005", "[CARD_1]"),
    # National numbers
    ("CPR 010190-1234, 0101901234", "CPR [ID_1], [ID_2]"),
    ("811218-9876 och 19811218-9876", "[ID_1] och [ID_2]"),
    ("fødselsnummer 01010750160", "fødselsnummer [ID_1]"),
    ("Steuer-ID 86 095 742 719", "Steuer-ID [ID_1]"),
    # Streets
    ("jeg bor Birkevej 14, 2. tv, 8000 Aarhus C", "jeg bor [ADDRESS_1]"),
    ("till Kungsgatan 5B, 111 43 Stockholm.", "till [ADDRESS_1]."),
    ("Hauptstraße 12 / 12 Baker Street", "[ADDRESS_1] / [ADDRESS_2]"),
]
NOT_PERSONAL = [
    "Order 20481234, ordre nr. 20481234, #20481234, Bestellnummer: 20481234",
    "order 88412 for 1 234 567 kr or kr. 2.500.000, 60 days",
    "2026-10-18, 18.10.2026, 24.12.2025 14:30, kl. 10-16, 12:30:45",
    "4111 1111 1111 1112 and 4012345678901 fail their check digits",
    "DK51 0040 0440 1162 43X".replace("0040 0440 1162 43X", "0040"),
    "version 2.3.4 at 1.260 °C, 9,90 euro",
    "see https://shop.example/returns",
]


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_personal_data_leaves_a_placeholder_and_comes_back(text: str, masked: str) -> None:
    found = mask(text)
    assert found.text == masked
    assert unmask(found.text, found) == text


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert mask(text) == Masked(text, {})


def test_the_same_original_has_the_same_placeholder_in_a_whole_conversation() -> None:
    texts, originals = mask_all(["I am a@b.example", "not c@d.example but A@B.example"])
    assert texts == ["I am [EMAIL_1]", "not [EMAIL_2] but [EMAIL_1]"]
    assert originals == {"[EMAIL_1]": "a@b.example", "[EMAIL_2]": "c@d.example"}


def test_a_placeholder_that_the_customer_types_stands_for_nothing() -> None:
    found = mask("[EMAIL_1] is not a@b.example")
    assert found.text == "[EMAIL_1] is not [EMAIL_2]"
    assert unmask("[EMAIL_1] [EMAIL_2] [CARD_1]", found) == "[EMAIL_1] a@b.example [CARD_1]"


@given(
    st.lists(
        st.one_of(
            st.sampled_from([text for text, _ in PERSONAL] + ["[EMAIL_1]", "[PHONE_2", "_1]"]),
            st.text(alphabet="0123456789 +-.()/@abDK?:#[]_\0å", max_size=25),
        ),
        max_size=6,
    ).map("".join)
)
def test_masking_twice_is_masking_once_and_loses_nothing(text: str) -> None:
    found = mask(text)
    assert mask(found.text).text == found.text
    assert unmask(found.text, found).casefold() == text.casefold()
    assert set(found.originals) <= set(PLACEHOLDER.findall(found.text))


HOSTILE = (
    "1|1 |a@|a.|a@b.|+45 |DK50|DK50 0040 0440 1162 43 |http://a?|Aa |Birkevej |a:|(|0 (0)"
    "|70 20 30 40 |a|://a|[EMAIL_1|010190-|1.|2-|4111 1111 1111 1111 "
)


@pytest.mark.parametrize("unit", HOSTILE.split("|"))
def test_no_text_of_4000_characters_takes_50_ms(unit: str) -> None:
    text = (unit * 4_000)[:4_000]
    assert min(_seconds(text) for _ in range(3)) < 0.050


def _seconds(text: str) -> float:
    start = time.perf_counter()
    mask(text)
    return time.perf_counter() - start


def test_luhn_is_that_of_the_standard() -> None:
    assert luhn("79927398713")
    assert not any(luhn(f"7992739871{digit}") for digit in "012456789")
