"""Each action to its end where there is nothing but text: no buttons, no browser that is known."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.actions.playing import picture
from tests.mail import MailServer, code_in, text_of
from tests.world import Visitor, wait_for

METTE, EBBA = "mette.olsen@post.example", "ebba.nystrom@mejl.example"
SOFIE, BRANDT = "sofie@krag.example", "brandt@haus.example"

Texts = Callable[[str], Visitor]


@pytest.fixture
def texts(visitor: Callable[..., Visitor]) -> Texts:
    """Make customers who only write: texts("da") does so in Danish."""

    def make(language: str) -> Visitor:
        one = visitor(language)
        one.open(user_agent_header=None)
        return one

    return make


@pytest.fixture(autouse=True)
def _a_new_day(clean: None) -> Iterator[None]:
    from chatbot.actions.models import Attempt
    from chatbot.systems.models import Case, Return

    for rows in (Attempt, Return):
        rows.objects.all().delete()
    yield
    for rows in (Attempt, Return, Case):
        rows.objects.all().delete()


def says(one: Visitor, *texts: str) -> str:
    """Say one thing after the other; return the reply to the last one."""
    reply = ""
    for text in texts:
        reply = one.ask(text)["text"]
    return reply


def latest() -> Any:
    """Return the newest conversation."""
    from chatbot.conversations.models import Conversation

    return Conversation.objects.latest("pk")


def ended() -> tuple[str, str, dict[str, str]]:
    """Return which action ran last, how it ended, and what was collected."""
    run = latest().runs.first()
    return run.action, run.outcome, run.values


def sent(mails: MailServer, after: int) -> list[str]:
    """Return to whom mails went, once all of them have."""
    from chatbot.actions.models import Errand

    wait_for(lambda: not Errand.objects.filter(state="waiting").exists())
    return mails.recipients(after=after)


# --- A new password -----------------------------------------------------------------------------
def test_a_link_for_a_new_password_in_swedish(texts: Texts, mails: MailServer) -> None:
    before = mails.count()
    one = texts("sv")
    reply = says(one, "hej, jag har glömt mitt lösenord", f"det är {EBBA} tror jag")
    assert f"Om {EBBA} har ett konto hos oss" in reply
    assert ended()[:2] == ("password_reset", "sent")
    assert sent(mails, before) == [EBBA]
    mail = mails.wait(after=before)
    assert mail["Subject"] == "Välj ett nytt lösenord"
    assert re.search(r"/account/password/\S+\?language=sv", text_of(mail))


# --- Orders -------------------------------------------------------------------------------------
def test_one_of_four_orders_by_its_place_in_the_list_in_danish(
    texts: Texts, mails: MailServer
) -> None:
    before = mails.count()
    one = texts("da")
    says(one, "hvor er min pakke", "det har jeg ikke", METTE)
    code = code_in(mails.wait(after=before))
    assert says(one, f"koden er {code}") == "Hvilken ordre mener du?"
    assert "Ordre 10496 er ved at blive pakket" in says(one, "2")
    assert ended()[:2] == ("order_status", "told")
    assert sent(mails, before) == [METTE]


def test_one_of_two_orders_by_its_place_in_words_in_german(texts: Texts, mails: MailServer) -> None:
    before = mails.count()
    one = texts("de")
    says(one, "Wo bleibt meine Bestellung?", "weiß ich nicht", "katrin.vogel@haus.example")
    code = code_in(mails.wait(after=before))
    says(one, f"{code[:3]} {code[3:]}")
    assert "Die Bestellung 10475 wurde" in says(one, "die zweite")
    assert ended()[:2] == ("order_status", "told")


OFFERED = {
    "en": ("where is order 10488?", "yes please", "I'm getting a colleague"),
    "da": ("hvor er ordre 10488?", "ja tak", "jeg henter en kollega"),
    "sv": ("var är order 10488?", "ja tack", "jag hämtar en kollega"),
    "de": ("wo ist Bestellung 10488?", "ja bitte", "hole jemanden"),
}


@pytest.mark.parametrize("language", OFFERED)
def test_a_yes_to_the_person_that_a_late_order_offers_brings_one(
    texts: Texts, language: str
) -> None:
    ask, yes, person = OFFERED[language]
    one = texts(language)
    assert "10488" in says(one, f"{ask} {METTE}")
    reply = says(one, yes)
    assert latest().reason == "customer_request"
    assert person in reply


# --- Stock --------------------------------------------------------------------------------------
def test_one_of_two_products_by_its_place_in_swedish(texts: Texts) -> None:
    one = texts("sv")
    assert "Menade du något av det här?" in says(one, "finns linnet dis i lager?")
    reply = says(one, "1")
    assert reply.startswith("Dis sängkläder i linne:")
    assert "150 × 210 cm: i lager" in reply
    assert ended()[:2] == ("stock", "told")


def test_a_yes_to_the_only_product_that_was_offered_in_english(texts: Texts) -> None:
    one = texts("en")
    says(one, "is the lamp in stock?")
    assert "Sand: in stock" in says(one, "yes")
    assert ended()[:2] == ("stock", "told")


# --- Returns ------------------------------------------------------------------------------------
def test_one_line_goes_back_by_its_number_in_german(texts: Texts, mails: MailServer) -> None:
    before = mails.count()
    one = texts("de")
    reply = says(one, "Ich möchte etwas zurückschicken", "10481", BRANDT)
    assert "Das kann nicht zurückgegeben werden: Geschenkkarte, 50 €." in reply
    assert "Soll ich ein Etikett für Dis Leinenbettwäsche, 135 × 200 cm erstellen?" in reply
    assert "Dis Leinenbettwäsche" in says(one, "1")
    assert ended()[:2] == ("return_label", "created")
    assert sent(mails, before) == [BRANDT]
    (label,) = mails.wait(after=before).iter_attachments()
    assert label.get_content_type() == "application/pdf"


def test_both_lines_go_back_by_their_numbers_in_english(texts: Texts, mails: MailServer) -> None:
    from chatbot.systems.models import Return

    before = mails.count()
    one = texts("en")
    says(one, "I'd like to return order 10482", SOFIE)
    reply = says(one, "1 and 2")
    assert "Hede uldplaid, lyng" in reply
    assert "Skær lyssæt, naturhvid" in reply
    assert ended()[:2] == ("return_label", "created")
    assert Return.objects.get().order_number == "10482"
    assert sent(mails, before) == [SOFIE]


# --- Complaints ---------------------------------------------------------------------------------
def test_a_complaint_with_a_picture_in_german(texts: Texts) -> None:
    from chatbot.systems.models import Case

    one = texts("de")
    what = "In der gelieferten Decke waren Löcher von Motten"
    says(one, "Ich möchte eine Reklamation melden", what, "10493")
    answer = one.http.post(
        "/api/v1/widget/attachments", files={"file": ("decke.png", picture(), "image/png")}
    )
    reply = one.ask("so sieht sie aus", attachments=[answer.json()["id"]])["text"]
    case = Case.objects.get()
    assert case.number in reply
    assert case.text == what
    assert ["order", "10493"] in case.facts
    assert ended()[:2] == ("complaint", "opened")


def test_a_complaint_without_number_and_picture_in_danish(texts: Texts, mails: MailServer) -> None:
    from chatbot.systems.models import Case

    before = mails.count()
    one = texts("da")
    what = "Der manglede en skrue i kassen til bænken, så den vipper"
    reply = says(one, "jeg vil gerne reklamere", what, "ved ikke", "spring over")
    assert Case.objects.get().number in reply
    assert ended()[:2] == ("complaint", "opened")
    assert latest().status != "bot"
    assert sent(mails, before) == []


# --- Technical issues ---------------------------------------------------------------------------
def test_a_known_problem_solves_it_in_swedish(texts: Texts) -> None:
    one = texts("sv")
    problem = "det står att något gick fel när jag ska slutföra köpet"
    assert "landsnummer" in says(one, "något på hemsidan fungerar inte", problem)
    says(one, "ja, nu funkar det")
    assert ended()[:2] == ("technical_issue", "solved")
    assert latest().status == "bot"


def test_the_machine_is_asked_where_no_browser_tells_in_danish(texts: Texts) -> None:
    one = texts("da")
    problem = "jeg kan ikke åbne kurven, der sker ingenting"
    reply = says(one, "noget på hjemmesiden virker ikke", problem)
    assert "Hvilken computer eller telefon" in reply
    says(one, "Windows og Edge", "genindlæst siden", "siden i går", "3")
    action, outcome, values = ended()
    assert (action, outcome) == ("technical_issue", "opened")
    assert (values["system"], values["browser"]) == ("Windows", "Edge")
    assert values["often"] == "Kun én gang"
    assert latest().status != "bot"


def test_a_known_problem_that_is_another_goes_on_to_a_person_in_english(texts: Texts) -> None:
    one = texts("en")
    problem = "it says something went wrong when i place the order"
    says(one, "something on the website doesn't work", problem)
    assert "Which computer or phone" in says(one, "no")
    says(one, "iPhone and Safari", "reloaded it twice", "don't know", "every time")
    action, outcome, values = ended()
    assert (action, outcome) == ("technical_issue", "opened")
    assert (values["system"], values["tried"]) == ("iOS", "reloaded it twice")
    assert latest().reason == "policy_restriction"
