"""Answers in a language model's words, through a real server and a real browser; and its failures.

The model is a server on loopback that speaks OpenAI's protocol. The last tests have a real one,
small enough to write nonsense: `make test-services` installs it.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import escape
from playwright.sync_api import Browser, Page, expect

from tests.chatbot.writing.completions import CompletionsServer, completions_server
from tests.paths.proxy import CountingProxy, counting_proxy
from tests.world import ROOT, Server, Visitor, copy_shop, free_port, running, wait_for

QUESTION = "How long do I have to return an item?"
FIRST = "You have 60 days from the day you receive your parcel [1]."
SECOND = (
    "It's enough that you hand in the return on day 60. The same goes for sale items, "
    'unless they are marked "final sale" [1].'
)
CURATED = "You have **60 days from the day you receive your parcel**."
SECONDS = 4  # the model's time here; the failures take no more

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def model() -> Iterator[CompletionsServer]:
    with completions_server() as served:
        served.text = ""
        yield served


@pytest.fixture(scope="module")
def svar(
    model: CompletionsServer, shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with a language model."""
    pytest.importorskip("langchain_openai")
    data = copy_shop(shop, tmp_path_factory.mktemp("model") / "shop")
    with running(
        data,
        SVAR_LANGUAGE_MODEL="openai:test",
        SVAR_LANGUAGE_MODEL_URL=model.url,
        SVAR_LANGUAGE_MODEL_SECONDS=str(SECONDS),
    ) as server:
        wait_until_loaded(server)
        yield server


def wait_until_loaded(server: Server) -> None:
    # It loads libraries of its own, beside whatever else the machine does.
    wait_for(lambda: "writes the answers" in server.log.read_text(), seconds=150)


@pytest.fixture
def behaving(model: CompletionsServer) -> Iterator[CompletionsServer]:
    """The model, which quotes the entry it is given, after each test too."""
    yield model
    model.behave, model.status, model.text, model.pause = "stream", 200, "", 0.002
    model.released.set()
    model.released.clear()
    model.requests.clear()


@pytest.fixture
def visitor(svar: Server) -> Iterator[Callable[..., Visitor]]:
    made: list[Visitor] = []

    def make(language: str = "en") -> Visitor:
        made.append(Visitor(svar, language))
        return made[-1]

    yield make
    for one in made:
        one.close()


def drafts(visitor: Visitor) -> list[str]:
    return [event["text"] for event in visitor.sockets[0].unread if event["type"] == "draft"]


# --- It answers -------------------------------------------------------------------------------
def test_the_answer_is_streamed_sentence_by_sentence_and_cited(
    visitor: Callable[..., Visitor], behaving: CompletionsServer
) -> None:
    anna = visitor()
    reply = anna.ask(QUESTION)
    assert reply["text"] == f"{FIRST} {SECOND}"
    assert reply["html"] == f"<p>{escape(reply['text'])}</p>"
    assert [(c["number"], c["title"]) for c in reply["citations"]] == [(1, QUESTION)]
    assert drafts(anna) == ["", FIRST, f"{FIRST} {SECOND}"]
    assert anna.messages()[-1]["text"] == reply["text"]

    anna.ask("How long does delivery take?")
    *_, asked = behaving.requests
    prompt = asked["messages"][-1]["content"]
    assert 'kind="earlier" by="customer"' in prompt
    assert FIRST[:-5] in prompt
    assert prompt.count('kind="entry"') <= 3


def test_a_customer_who_writes_danish_is_answered_in_danish(
    visitor: Callable[..., Visitor], behaving: CompletionsServer
) -> None:
    reply = visitor("da").ask("Hvor længe har jeg returret?")
    assert reply["text"].startswith("Du har 60 dages returret fra den dag, du modtager pakken [1].")
    assert reply["language"] == "da"
    assert "Danish" in behaving.requests[-1]["messages"][0]["content"]


def test_the_confidence_is_the_calibrated_one(
    visitor: Callable[..., Visitor], behaving: CompletionsServer
) -> None:
    def confidence(behave: str) -> Any:
        behaving.behave, behaving.status = behave, 500
        anna = visitor()
        anna.ask(QUESTION)
        import sqlite3

        with sqlite3.connect(anna.server.data / "svar.sqlite3") as rows:
            (found,) = rows.execute(
                "SELECT confidence FROM conversations_message WHERE author = 'bot' ORDER BY id DESC"
            ).fetchone()
        return found

    behaving.text = f"{FIRST} I am 12 % sure of it [1]."
    assert confidence("stream") == confidence("refuse") >= 0.8


def test_what_needs_no_words_of_its_own_does_not_reach_the_model(
    visitor: Callable[..., Visitor], behaving: CompletionsServer
) -> None:
    anna = visitor()
    anna.ask("hi")
    anna.ask("do you sponsor football clubs in lower leagues?")
    assert behaving.requests == []


def test_personal_data_stays_here(
    visitor: Callable[..., Visitor], behaving: CompletionsServer
) -> None:
    anna = visitor()
    anna.ask("My card is 4111 1111 1111 1111, mail anna@lind.example")
    behaving.requests.clear()
    other = visitor()
    other.ask(f"{QUESTION} I am anna@lind.example, +45 20 30 40 50")
    for request in behaving.requests:
        sent = str(request["messages"])
        assert "anna@lind" not in sent
        assert "20 30 40" not in sent


# --- It fails ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("behave", "status", "text"),
    [
        ("refuse", 500, ""),
        ("refuse", 429, ""),
        ("hang", 200, ""),
        ("stall", 200, ""),
        ("break", 200, ""),
        ("garble", 200, ""),
        ("stream", 200, "NO_ANSWER"),
        ("stream", 200, f"{FIRST} We also pay you 500 kr for your trouble [1]."),
    ],
    ids=["500", "429", "hang", "stall", "cut", "garbled", "declined", "ungrounded"],
)
def test_a_failure_gives_the_curated_answer_in_time_and_the_conversation_goes_on(
    visitor: Callable[..., Visitor],
    behaving: CompletionsServer,
    behave: str,
    status: int,
    text: str,
) -> None:
    behaving.behave, behaving.status, behaving.text = behave, status, text
    anna = visitor()
    start = time.monotonic()
    reply = anna.ask(QUESTION)
    assert time.monotonic() - start < SECONDS + 0.5
    assert reply["text"].startswith(CURATED)
    assert [c["title"] for c in reply["citations"]] == [QUESTION]
    behaving.behave, behaving.text = "stream", ""
    assert anna.ask("How long does delivery take?")["text"]
    assert anna.ask("thanks")["text"].startswith("You're welcome")


def test_a_model_that_is_away_costs_nobody_time_after_three_outages(
    shop: Path, tmp_path: Path
) -> None:
    data = copy_shop(shop, tmp_path / "shop")
    with (
        completions_server() as away,
        running(
            data,
            SVAR_LANGUAGE_MODEL="openai:test",
            SVAR_LANGUAGE_MODEL_URL=away.url,
            SVAR_LANGUAGE_MODEL_SECONDS="1",
        ) as server,
    ):
        wait_until_loaded(server)
        away.behave = "hang"
        took = []
        for _ in range(5):
            anna = Visitor(server)
            start = time.monotonic()
            assert anna.ask(QUESTION)["text"].startswith(CURATED)
            took.append(time.monotonic() - start)
            anna.close()
        assert len(away.requests) == 3
        assert max(took) < 3  # once the second that it may take, however busy the machine is
        assert max(took[3:]) < 0.8  # and then not even that
        assert "the language model gave no answer: timeout" in server.log.read_text()
        assert "60 days" not in server.log.read_text()  # no text of anybody


# --- In the browser ---------------------------------------------------------------------------
@pytest.fixture
def page(browser: Browser, svar: Server) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", base_url=svar.url)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto("/?lang=en")
    page.get_by_role("button", name="Open chat").click()
    yield page
    context.close()
    assert problems == []


def ask(page: Page) -> None:
    page.get_by_label("Write a message").fill(QUESTION)
    page.get_by_label("Write a message").press("Enter")


@pytest.mark.browser
def test_the_draft_grows_in_the_widget_and_the_message_takes_its_place(
    page: Page, behaving: CompletionsServer
) -> None:
    behaving.pause = 0.04
    ask(page)
    typing = page.locator(".typing")
    expect(typing.get_by_role("img", name="Lyng is writing")).to_be_visible()
    expect(typing.locator(".draft")).to_have_text(FIRST)
    place = typing.locator(".bubble").bounding_box()
    assert place is not None
    if folder := os.environ.get("SVAR_PICTURES"):
        page.screenshot(path=Path(folder) / "widget-en-draft.png")
    # Each frame shows the answer once: as a draft, or as the message.
    page.evaluate("""() => {
        const root = document.querySelector("svar-chat").shadowRoot;
        window.seen = [];
        (function look() {
            const bubbles = [...root.querySelectorAll(".bubble")];
            window.seen.push(bubbles.filter(b => b.textContent.includes("60 days from")).length);
            requestAnimationFrame(look);
        })();
    }""")
    source = page.get_by_role("button", name=f"From: {QUESTION}")
    expect(source).to_be_visible()
    expect(typing).to_have_count(0)
    answer = page.locator(".bubble", has_text=f"{FIRST} {SECOND}")
    expect(answer).to_have_count(1)
    at = answer.bounding_box()
    assert at is not None
    assert abs(at["x"] - place["x"]) < 1
    assert set(page.evaluate("window.seen")) == {1}
    source.click()
    expect(page.get_by_role("listitem").filter(has_text=f"[1] {QUESTION}")).to_be_visible()


@pytest.mark.browser
def test_a_draft_that_does_not_hold_is_replaced_by_the_curated_answer(
    page: Page, behaving: CompletionsServer
) -> None:
    behaving.text = f"{FIRST} We also pay you 500 kr for your trouble [1]."
    behaving.pause = 0.04
    ask(page)
    expect(page.locator(".draft")).to_have_text(FIRST)
    expect(page.get_by_role("button", name=f"From: {QUESTION}")).to_be_visible()
    expect(page.locator(".draft")).to_have_count(0)
    expect(page.get_by_text("hand in the return on day 60")).to_be_visible()
    expect(page.get_by_text("500 kr")).to_have_count(0)


# --- With a real model ------------------------------------------------------------------------
@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountingProxy]:
    """SmolLM2 with 135 million parameters, served by llama.cpp."""
    port, log = free_port(), tmp_path_factory.mktemp("small") / "model.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ROOT / "tools" / "language-model-server", str(port)], stdout=out, stderr=out
        )
    try:
        with counting_proxy(f"http://127.0.0.1:{port}") as proxy:
            wait_for(proxy.is_up, seconds=500, why=log.read_text)
            yield proxy
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def with_small_model(data: Path, proxy: CountingProxy, **options: Any) -> Iterator[Server]:
    with running(
        data,
        SVAR_LANGUAGE_MODEL="openai:smollm2",
        SVAR_LANGUAGE_MODEL_URL=proxy.url,
        SVAR_LANGUAGE_MODEL_OPTIONS=json.dumps(options),
    ) as server:
        wait_until_loaded(server)
        yield server


@pytest.mark.services
@pytest.mark.timeout(600)
def test_a_real_small_model_streams_nonsense_and_the_curated_answer_comes_in_time(
    small_model: CountingProxy, shop: Path, tmp_path: Path
) -> None:
    before = small_model.pieces
    with with_small_model(copy_shop(shop, tmp_path / "shop"), small_model) as server:
        for question in (QUESTION, "How long does delivery take?"):
            anna = Visitor(server)
            start = time.monotonic()
            anna.say(question)
            reply = anna.sockets[0].message("bot", seconds=15)
            took = time.monotonic() - start
            print(f"{question} {took:.2f} s; {small_model.summary()}")  # noqa: T201
            assert took < 11
            assert question in [c["title"] for c in reply["citations"]]
            anna.close()
    assert small_model.pieces >= before + 4


# It is too small to obey, so llama.cpp lets it write nothing but these, of which it chooses.
GRAMMAR = f"""
root ::= first " " second
first ::= "{FIRST}" | "You can return an item up to 60 days after your parcel arrives [1]."
second ::= "Gift cards can't be returned [1]." | "Opened candles can't be returned [1]."
"""


@pytest.mark.services
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_real_small_model_answers_through_the_widget(
    small_model: CountingProxy, browser: Browser, shop: Path, tmp_path: Path
) -> None:
    options = {"extra_body": {"grammar": GRAMMAR}}
    data = copy_shop(shop, tmp_path / "shop")
    with with_small_model(data, small_model, **options) as server:
        anna = Visitor(server)
        start = time.monotonic()
        anna.say(QUESTION)
        draft = anna.sockets[0].next("draft", lambda event: event["text"])
        first = time.monotonic() - start
        reply = anna.sockets[0].message("bot")
        took = time.monotonic() - start
        print(f"sentence {first:.2f} s, answer {took:.2f} s; {small_model.summary()}")  # noqa: T201
        assert reply["text"].startswith(draft["text"])
        assert len(reply["text"]) > len(draft["text"])
        assert [c["title"] for c in reply["citations"]] == [QUESTION]
        assert first < took < 10
        anna.close()

        page = browser.new_page(locale="en-GB", base_url=server.url)
        page.goto("/?lang=en")
        page.get_by_role("button", name="Open chat").click()
        page.evaluate("""() => {
            const root = document.querySelector("svar-chat").shadowRoot;
            window.drafts = [];
            (function look() {
                window.drafts.push(root.querySelector(".draft")?.textContent ?? "");
                requestAnimationFrame(look);
            })();
        }""")
        ask(page)
        expect(page.get_by_role("button", name=f"From: {QUESTION}")).to_be_visible(timeout=10_000)
        said = page.locator(".bubble").last.inner_text()
        assert said.endswith("can't be returned [1].")
        drafts = {text for text in page.evaluate("window.drafts") if text}
        assert drafts
        assert all(said.startswith(text) for text in drafts)
        page.close()
