"""What an admin may write into the settings of a Telegram bot."""

import pytest

from channels_adapters.telegram.adapter import TelegramAdapter
from channels_adapters.telegram.forms import TelegramForm

TOKEN = "123456789:AAE_abcdefghijklmnopqrstuvwxyz-12345"


def filled(**changes: str) -> TelegramForm:
    given = {"token": TOKEN, "way": "webhook", "base_url": "https://api.telegram.org"}
    return TelegramForm({**given, **changes})


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", "https://api.telegram.org"),
        ("https://api.telegram.org/", "https://api.telegram.org"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://[::1]:8081", "http://[::1]:8081"),
        ("http://10.0.0.5:8081/", "http://10.0.0.5:8081"),
        ("http://telegram-bot-api:8081", "http://telegram-bot-api:8081"),
        ("https://bots.example/api", "https://bots.example/api"),
    ],
)
def test_the_public_api_and_servers_of_ones_own_are_taken(written: str, kept: str) -> None:
    form = filled(base_url=written)

    assert form.is_valid()
    assert form.cleaned_data["base_url"] == kept


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("http://api.telegram.org", "Use https"),
        ("http://93.184.216.34", "Use https"),
        ("ftp://api.telegram.org", "Write an address"),
        ("api.telegram.org", "Write an address"),
        ("https://", "Write an address"),
        ("https://user:pass@api.telegram.org", "Write an address"),
        ("https://api.telegram.org?x=1", "Write an address"),
        ("https://api.telegram.org:port", "Write an address"),
        ("https://[", "Write an address"),
    ],
)
def test_an_address_that_is_none_or_would_show_the_token_is_refused(
    written: str, words: str
) -> None:
    form = filled(base_url=written)

    assert not form.is_valid()
    assert words in form.errors["base_url"][0]


@pytest.mark.parametrize(
    "token", ["", "123456789", "AAE_abc", f"bot{TOKEN}", f"{TOKEN}/x", "123456789:short"]
)
def test_half_a_token_is_refused(token: str) -> None:
    assert "token" in filled(token=token).errors


def test_a_token_that_is_kept_need_not_be_written_again() -> None:
    given = {"token": "", "way": "polling"}

    assert TelegramForm(given, initial={"token": True}).is_valid()
    assert not TelegramForm(given).is_valid()


def test_the_token_is_a_secret_and_is_not_shown_again() -> None:
    assert set(TelegramAdapter.secret_fields) == {"token", "secret_token"}
    assert TOKEN not in str(filled())
