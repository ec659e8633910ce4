"""Who may know what, through the public door: codes, orders, limits, and equal words."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.actions.playing import signed
from tests.mail import MailServer, code_in, text_of
from tests.world import KEY, Visitor, wait_for

METTE, LARS, NOBODY = "mette.olsen@post.example", "lars.friis@post.example", "nobody@post.example"


@pytest.fixture(autouse=True)
def _a_new_day() -> Iterator[None]:
    from chatbot.actions.models import Attempt

    Attempt.objects.all().delete()
    yield
    Attempt.objects.all().delete()


def asked_for_code(one: Visitor, mails: MailServer, email: str) -> str:
    """Ask for an order without its number; return the code that was mailed."""
    before = mails.count()
    one.ask("where is my order?")
    one.ask("I don't have the number")
    one.ask(email)
    return code_in(mails.wait(after=before))


def latest_code() -> Any:
    from chatbot.actions.models import OneTimeCode

    return OneTimeCode.objects.latest("pk")


def test_a_code_opens_the_orders_of_its_address(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    one = visitor("en")
    code = asked_for_code(one, mails, METTE)
    reply = one.ask(f"it's {code[:3]} {code[3:]}")
    assert any(choice["text"].startswith("10488") for choice in reply["quick_replies"])


def test_a_code_is_kept_as_a_hash_and_written_down_nowhere(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    from chatbot.actions.models import Errand

    code = asked_for_code(visitor("en"), mails, METTE)
    assert code not in latest_code().digest
    wait_for(lambda: Errand.objects.latest("pk").state == "done")
    assert Errand.objects.latest("pk").payload == {}


def test_a_code_is_for_one_conversation(visitor: Callable[..., Visitor], mails: MailServer) -> None:
    code = asked_for_code(visitor("en"), mails, METTE)
    thief = visitor("en")
    asked_for_code(thief, mails, METTE)
    assert "10488" not in thief.ask(code)["text"]


def test_a_code_is_good_once(visitor: Callable[..., Visitor], mails: MailServer) -> None:
    from chatbot.actions.models import OneTimeCode

    one = visitor("en")
    one.ask(asked_for_code(one, mails, METTE))
    assert not OneTimeCode.objects.filter(email=METTE).exists()


def test_a_code_is_too_old_after_ten_minutes(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    one = visitor("en")
    code = asked_for_code(one, mails, METTE)
    kept = latest_code()
    assert kept.expires_at - kept.created_at <= timedelta(minutes=10, seconds=1)
    kept.expires_at = timezone.now() - timedelta(seconds=1)
    kept.save(update_fields=["expires_at"])
    before = mails.count()
    reply = one.ask(code)
    assert "isn't good any more" in reply["text"]
    fresh = code_in(mails.wait(after=before))
    assert "10488" in str(one.ask(fresh)["quick_replies"])


def test_after_three_wrong_codes_a_person_comes(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    one = visitor("en")
    code = asked_for_code(one, mails, METTE)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "try once more" in one.ask(wrong)["text"]
    assert "try once more" in one.ask(wrong)["text"]
    assert "A colleague helps you" in one.ask(wrong)["text"]
    conversation = latest_code().conversation
    assert conversation.reason == "policy_restriction"
    assert conversation.handoff["detail"] == "unproven"


def test_only_so_many_codes_are_mailed_to_one_address(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    before = mails.count()
    for _ in range(4):
        asked_for_code(visitor("en"), mails, NOBODY)
    fifth = visitor("en")
    fifth.ask("where is my order?")
    fifth.ask("I don't have the number")
    assert "A colleague helps you" in fifth.ask(NOBODY)["text"]
    assert len(mails.to(NOBODY, after=before)) == 4


def test_only_so_many_orders_are_guessed_by_one_visitor(
    visitor: Callable[..., Visitor],
) -> None:
    from chatbot.actions.models import Attempt

    one = visitor("en")
    one.ask("where is order 10488? my email is " + LARS)
    assert "A colleague" in one.ask("10496")["text"]
    assert Attempt.objects.filter(kind="visitor").count() == 2


def test_number_and_address_together_open_that_order_and_no_other(
    visitor: Callable[..., Visitor],
) -> None:
    one = visitor("en")
    assert "on its way" in one.ask(f"where is order 10488, {METTE}")["text"]
    other = one.ask("and order 10482?")["text"]  # Sofie's
    assert "Hede" not in other
    assert "can't find" in other


def test_a_signed_in_customer_needs_no_more(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en", identity=signed(LARS, secret()))
    assert "10494" in str(one.ask("where is my order?")["quick_replies"])


def test_a_signed_in_customer_sees_nobody_elses_order(visitor: Callable[..., Visitor]) -> None:
    one = visitor("en", identity=signed(LARS, secret()))
    reply = one.ask("where is order 10488?")
    assert reply["text"].startswith("There's no order 10488 under your address")


def secret() -> str:
    from chatbot.conversations.models import Channel

    return Channel.objects.get(key=KEY).identity_secret


# --- Nothing is revealed ------------------------------------------------------------------------
def without(text: str, *typed: str) -> str:
    """Return `text` without what the customer typed."""
    for word in typed:
        text = text.replace(word, "…")
    return text


def test_a_link_is_promised_in_the_same_words_for_everybody(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    from chatbot.actions.models import Errand

    said = []
    before = mails.count()
    for email in (METTE, NOBODY, "oskar.lind@mejl.example"):  # an account, nobody, only a guest
        reply = visitor("en").ask(f"reset my password, {email}")
        said.append((without(reply["text"], email), reply["html"], reply["quick_replies"]))
    assert said[0] == said[1] == said[2]
    wait_for(lambda: not Errand.objects.filter(state="waiting").exists())
    assert mails.recipients(after=before) == [METTE]


@pytest.mark.parametrize("number", ["10482", "10499", "99999"])
def test_a_mismatch_reads_the_same_whether_the_order_exists(
    visitor: Callable[..., Visitor], number: str
) -> None:
    reply = visitor("en").ask(f"where is order {number}? {NOBODY}")
    assert without(reply["text"], number, NOBODY) == (
        "I can't find an order with the number … and the address …. "
        "Check both and write what was wrong, or I can mail you a code instead."
    )


def test_a_code_is_mailed_in_the_same_words_to_everybody(
    visitor: Callable[..., Visitor], mails: MailServer
) -> None:
    said = []
    for email in (METTE, NOBODY):
        before = mails.count()
        one = visitor("en")
        one.ask("where is my order?")
        one.ask("I don't have the number")
        reply = one.ask(email)
        mail = text_of(mails.wait(after=before))
        said.append((without(reply["text"], email), re.sub(r"\d{6}", "…", mail)))
    assert said[0] == said[1]


def test_the_reply_takes_as_long_for_nobody_as_for_a_customer(
    visitor: Callable[..., Visitor],
) -> None:
    from chatbot.actions.models import Attempt

    took: dict[str, list[float]] = {METTE: [], NOBODY: []}
    for _ in range(12):
        for email, times in took.items():
            Attempt.objects.all().delete()
            one = visitor("en")
            one.open()
            began = time.perf_counter()
            one.ask(f"reset my password, {email}")
            times.append(time.perf_counter() - began)
    medians = [statistics.median(times) for times in took.values()]
    spread = statistics.pstdev(took[METTE] + took[NOBODY])
    # Not a speed: that the difference drowns in the noise of either.
    assert abs(medians[0] - medians[1]) <= max(0.02, 2 * spread)


# --- In a row -----------------------------------------------------------------------------------
@pytest.mark.parametrize("_again", range(3))
def test_messages_in_a_row_fill_one_action(visitor: Callable[..., Visitor], _again: int) -> None:
    one = visitor("en")
    one.open()
    for text in ("where is my order?", "10488", METTE):
        one.say(text)
    replies = [one.sockets[0].message("bot")["text"] for _ in range(3)]
    assert replies[2].startswith("Order 10488 is on its way.")
