"""What is sent behind the reply, while the mail server turns everything down."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.mail import MailServer, code_in
from tests.world import Visitor, wait_for

LARS = "lars.friis@post.example"


@pytest.fixture(autouse=True)
def _a_new_day() -> None:
    from chatbot.actions.models import Attempt

    Attempt.objects.all().delete()


@pytest.fixture
def refusing(mails: MailServer) -> Iterator[MailServer]:
    """The mail server, while it is busy."""
    mails.refuse = "451 try again later"
    yield mails
    mails.refuse = ""


def failed_once() -> Any:
    """Wait until the newest errand was tried in vain; return it."""
    from chatbot.actions.models import Errand

    wait_for(lambda: Errand.objects.latest("pk").last_error)
    return Errand.objects.latest("pk")


def test_a_code_comes_when_the_mail_server_is_back(
    visitor: Callable[..., Visitor], refusing: MailServer
) -> None:
    before = refusing.count()
    one = visitor("en")
    for text in ("where is my order?", "I don't have the number", LARS):
        one.ask(text)
    assert failed_once().payload["email"] == LARS
    refusing.refuse = ""
    code = code_in(refusing.wait(after=before, seconds=30))
    assert "10494" in str(one.ask(code)["quick_replies"])


def gives_up(errand: Any) -> Any:
    """Have the next attempt be the last; return the errand after it."""
    from chatbot.actions.errands import PAUSES
    from chatbot.actions.models import Errand

    Errand.objects.filter(pk=errand.pk).update(attempts=len(PAUSES))
    wait_for(lambda: Errand.objects.get(pk=errand.pk).state == "failed", seconds=30)
    errand.refresh_from_db()
    return errand


def test_the_last_failure_is_told_and_brings_a_person(
    visitor: Callable[..., Visitor], refusing: MailServer
) -> None:
    one = visitor("da")
    for text in ("hvor er min ordre?", "jeg har ikke nummeret", LARS):
        one.ask(text)
    errand = gives_up(failed_once())
    assert "kunne ikke sendes" in one.sockets[0].message("bot")["text"]
    assert errand.payload == {}
    errand.conversation.refresh_from_db()
    assert errand.conversation.reason == "tool_failure"


def test_a_link_that_only_an_account_can_lack_is_not_told(
    visitor: Callable[..., Visitor], refusing: MailServer
) -> None:
    one = visitor("en")
    one.ask(f"reset my password, {LARS}")
    errand = gives_up(failed_once())
    assert errand.last_error == "mail: refused"
    assert errand.conversation.reason == ""
    one.sockets[0].quiet("message")
