"""The bot over a company's own systems by REST, and what customers notice when those fail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chatbot.systems import configured, contract
from tests.chatbot.systems.fakes.server import HANG, MALFORMED, Status
from tests.chatbot.systems.fakes.shop import FakeShop
from tests.mail import MailServer
from tests.world import Agent, Server, Visitor, copy_shop, running, wait_for

PORTS = {
    "orders": ("RestOrders", configured.orders_options),
    "stock": ("RestStock", configured.stock_options),
    "accounts": ("RestAccounts", configured.accounts_options),
    "returns": ("RestReturns", configured.returns_options),
    "tickets": ("RestTickets", configured.tickets_options),
}
QUICK = {"seconds": 2.5, "breaker_failures": 100}
FAULTS = {
    "unauthorised": Status(401),
    "too many for too long": Status(429, headers={"Retry-After": "60"}),
    "down": Status(500),
    "silent": HANG,
    "malformed": MALFORMED,
}


@pytest.fixture(scope="module")
def company() -> Iterator[FakeShop]:
    with FakeShop() as running_shop:
        yield running_shop


@pytest.fixture(scope="module")
def connected(
    shop: Path, company: FakeShop, mails: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose ports are all the company's."""
    systems: dict[str, Any] = {
        port: {"class": f"chatbot.systems.rest.{name}", "options": options(company.url, **QUICK)}
        for port, (name, options) in PORTS.items()
    }
    systems["texts"] = {
        "class": "chatbot.systems.rest.RestTexts",
        "options": configured.texts_options(company.url, **QUICK),
    }
    announced = systems["returns"]["options"]["announced"]
    announced["url"] = {"value": "https://labels.example/R-1"}
    data = copy_shop(shop, tmp_path_factory.mktemp("connected") / "data")
    settings = {
        "SVAR_SYSTEMS": json.dumps(systems),
        "SVAR_EMAIL_URL": mails.url,
        "SVAR_RETURN_DAYS": "100000",
    }
    with running(data, **settings) as server:
        yield server


@pytest.fixture
def one(connected: Server, company: FakeShop) -> Iterator[Visitor]:
    visitor = Visitor(connected, "en")
    yield visitor
    visitor.close()
    company.fails_always(None)


ORDER = contract.SENT


def test_an_order_of_the_companys_own_system_is_told(one: Visitor) -> None:
    reply = one.ask(f"where is order {ORDER.number}? my email is {ORDER.email}")
    assert f"Order {ORDER.number} is on its way." in reply["text"]


def test_its_stock_is_told(one: Visitor) -> None:
    reply = one.ask("Is it in stock? The Nordlys blanket")
    assert "Sand: sold out" in reply["text"]


def test_a_link_is_asked_of_its_accounts(one: Visitor, company: FakeShop) -> None:
    one.ask(f"reset my password, {contract.IDA}")
    wait_for(lambda: contract.IDA in company.resets)


def test_a_case_is_opened_there(one: Visitor, company: FakeShop) -> None:
    one.ask("I want to make a complaint")
    one.ask("The lamp flickers and smells burnt after an hour")
    one.ask("don't have it")
    assert "Your case has the number" in one.ask("skip")["text"]
    assert any("flickers" in json.dumps(case) for case in company.cases.values())


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_failing_system_is_told_and_a_person_comes(
    one: Visitor, company: FakeShop, fault: Any
) -> None:
    company.fails_always(fault)
    reply = one.ask(f"where is order {ORDER.number}? my email is {ORDER.email}")
    assert "isn't answering, so I won't guess" in reply["text"]
    assert one.sockets[0].next("conversation")["conversation"]["status"] == "queued"


def test_what_was_collected_is_not_lost(connected: Server, one: Visitor, company: FakeShop) -> None:
    one.ask("I want to make a complaint")
    one.ask("The lamp flickers and smells burnt after an hour")
    one.ask("10482")
    company.fails_always(Status(500))
    assert "isn't answering" in one.ask("skip")["text"]
    agent = Agent(connected, "mette")
    (row, *_) = agent.get("conversations", view="all")["results"]
    handoff = agent.get(f"conversations/{row['id']}")["handoff"]
    agent.close()
    form = {field["name"]: field["value"] for field in handoff["form"]}
    assert form["order"] == "10482"
    assert "flickers" in form["what"]


def test_it_is_told_in_the_customers_language(connected: Server, company: FakeShop) -> None:
    danish = Visitor(connected, "da")
    company.fails_always(Status(500))
    reply = danish.ask(f"hvor er min pakke? ordre {ORDER.number}, {ORDER.email}")
    danish.close()
    company.fails_always(None)
    assert "svarer ikke, og jeg vil ikke gætte" in reply["text"]


def test_a_link_that_cannot_be_had_brings_a_person_later(one: Visitor, company: FakeShop) -> None:
    company.fails_always(Status(401))  # no use trying again
    one.ask(f"reset my password, {contract.IDA}")
    told = one.sockets[0].message("bot")
    assert "could not be sent" in told["text"]


def test_a_failure_that_passes_is_never_noticed(one: Visitor, company: FakeShop) -> None:
    company.fails_with(Status(503))
    reply = one.ask(f"where is order {ORDER.number}? my email is {ORDER.email}")
    assert "is on its way" in reply["text"]


def test_a_label_goes_by_text_message_where_its_system_gives_a_link(
    one: Visitor, company: FakeShop
) -> None:
    one.ask(f"return label for order {contract.DELIVERED.number}, {contract.DELIVERED.email}")
    reply = one.ask("all of it. My phone is +45 20 30 40 50")
    assert "is registered" in reply["text"]
    wait_for(lambda: any("4520304050" in str(sent) for sent in company.texts.values()))
