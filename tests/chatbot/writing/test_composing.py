"""The reply in a model's words, from the gate's decision; and the curated one instead."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext, override_settings

from chatbot import checks, composing, replies
from chatbot.answering.drafting import Draft
from chatbot.answering.gate import Reply
from chatbot.answering.grounding import Checker
from chatbot.answering.retrieval import Answer
from chatbot.answering.understanding import Kind
from chatbot.answering.writing import Composed, Failed, Writer
from chatbot.composing import Breaker, readable
from chatbot.conversations.signals import draft_grew
from tests.chatbot.writing.test_writing import overlap
from tests.chatbot.writing.writers import Breaks, Hangs, Says

MESSAGE: Any = SimpleNamespace(
    pk=7, conversation=SimpleNamespace(contact=SimpleNamespace(name="Anna Lind"))
)


def entry(number: int, text: str, **more: Any) -> Answer:
    return Answer(
        entry=str(number),
        topic="returns",
        category="Returns",
        title=f"Title {number}",
        text=text,
        html=f"<p>{text}</p>",
        language="en",
        updated_at=datetime(2026, 11, 1, tzinfo=UTC),
        **more,
    )


RETURNS = entry(1, "You have 60 days to return an item. It must be unused.")
LABEL = entry(2, "The return label costs 39 kr.", url="https://shop.example/label")
SECRET = entry(3, "The warranty covers 2 years.", threshold=0.95)


class Shelf:
    """A `Knowledge` of three entries."""

    def answer(self, entry: str, language: str, question: str = "") -> Answer | None:
        return {"1": RETURNS, "2": LABEL, "3": SECRET}.get(entry)


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What visitors are shown while the model writes."""
    shown: list[str] = []

    def keep(*, text: str, **_: Any) -> None:
        shown.append(text)

    monkeypatch.setattr(composing, "breaker", Breaker())
    monkeypatch.setattr(composing, "_said_before", lambda message: [])
    monkeypatch.setattr(composing, "_checker", Checker(overlap))
    draft_grew.connect(keep)
    with override_settings(LANGUAGE_MODEL="openai:test", LANGUAGE_MODEL_SECONDS=1.5):
        yield shown
    draft_grew.disconnect(keep)


def reply(
    monkeypatch: pytest.MonkeyPatch,
    writer: Writer | None,
    decision: Reply | None = None,
    question: str = "Can I return it?",
    language: str = "en",
) -> dict[str, Any]:
    monkeypatch.setattr(composing, "writer", lambda *, seconds: writer)
    decision = decision or Reply((RETURNS,), 0.91)
    draft = Draft(Kind.QUESTION, language, question, RETURNS, 0.91, rivals=("2", "3"))
    return composing.answer(decision, draft, MESSAGE, Shelf(), language)  # type: ignore[arg-type]


CURATED = replies.answer(Reply((RETURNS,), 0.91), "en")


# --- What is said -----------------------------------------------------------------------------
def test_the_reply_is_the_models_text_with_the_gates_confidence(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "You have 60 days to return an item [1]. The return label costs 39 kr [2]."
    composed = reply(monkeypatch, Says(text))
    assert composed["text"] == text
    assert composed["html"] == f"<p>{text}</p>"
    assert composed["confidence"] == 0.91
    assert [(c.number, c.entry) for c in composed["citations"]] == [(1, "1"), (2, "2")]
    assert composed["quick_replies"] == CURATED["quick_replies"]
    assert grown == ["", "You have 60 days to return an item [1].", text]


def test_only_what_is_cited_is_a_source(grown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    composed = reply(monkeypatch, Says("You have 60 days to return an item [1]."))
    assert [c.number for c in composed["citations"]] == [1]


def test_an_answer_that_passes_over_the_chosen_entry_is_not_given(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reply(monkeypatch, Says("The return label costs 39 kr [2].")) == CURATED
    both = Reply((RETURNS, LABEL), 0.85)
    only_one = reply(monkeypatch, Says("You have 60 days to return an item [1]."), both)
    assert only_one == replies.answer(both, "en")


def test_an_entry_with_a_threshold_of_its_own_is_no_second_best(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Says("You have 60 days to return an item [1].")
    reply(monkeypatch, writer)
    (prompt,) = writer.prompts
    assert "39 kr" in prompt.user
    assert "warranty" not in prompt.user


def test_what_the_customer_is_called_stays_here(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Says("You have 60 days to return an item [1].")
    reply(monkeypatch, writer, question="Anna here, anna@lind.example: can I return it?")
    (prompt,) = writer.prompts
    assert "[NAME_1] here, [EMAIL_1]: can I return it?" in prompt.user


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**60 days** [1]", "60 days [1]"),
        (
            "See [My account](https://a.example/me) [1].",
            "See My account (https://a.example/me) [1].",
        ),
        ("So it is [1, 2].", "So it is [1][2]."),
        ("# Returns\nYes [1].", "Returns\nYes [1]."),
        ("Item #3 costs 2 * 3 [1].", "Item #3 costs 2 * 3 [1]."),
    ],
)
def test_markdown_of_a_model_is_read_as_text(written: str, read: str) -> None:
    assert readable(written) == read


def test_nothing_of_a_model_is_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Composed('a < b & "c" <b onclick=x> https://a.example/?q=1&r=2 [1].', (1,), ())
    html = composing._fields(written, Reply((RETURNS,), 0.9), "en")["html"]
    assert "<b" not in html.replace("<br>", "")
    assert 'href="https://a.example/?q=1&amp;r=2" rel="nofollow"' in html


# --- The curated answer instead ---------------------------------------------------------------
@pytest.mark.parametrize(
    "writer",
    [
        Says("NO_ANSWER"),
        Says("You have 90 days to return an item [1]."),
        Says("You have 60 days to return an item [1]. Everything is free today [1]."),
        Breaks("You have 60 days to return an item [1]. And", ConnectionError()),
        Hangs("You have 60 "),
        None,
    ],
    ids=["declined", "invented", "invented later", "cut", "hanging", "not loaded"],
)
def test_a_failure_gives_the_curated_answer(
    writer: Writer | None, grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reply(monkeypatch, writer) == CURATED
    if isinstance(writer, Hangs):
        writer.released.set()


def test_what_breaks_on_our_side_gives_the_curated_answer(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composing, "_answers", lambda *_: 1 / 0)
    assert reply(monkeypatch, Says("You have 60 days [1].")) == CURATED


def test_a_choice_and_a_language_that_nobody_checks_are_not_for_the_model(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Says("You have 60 days to return an item [1].")
    chosen = Reply((RETURNS,), None)
    assert reply(monkeypatch, writer, chosen) == replies.answer(chosen, "en")
    reply(monkeypatch, writer, language="fr")
    assert writer.prompts == []
    assert grown == []


def test_without_a_model_nothing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    monkeypatch.setattr(composing, "_composed", lambda *_: pytest.fail("composed"))
    draft = Draft(Kind.QUESTION, "en", "?", RETURNS, 0.91, rivals=("2",))
    with CaptureQueriesContext(connection) as queries:
        assert composing.answer(Reply((RETURNS,), 0.91), draft, MESSAGE, Shelf(), "en") == CURATED  # type: ignore[arg-type]
    assert len(queries) == 0


# --- A model that is away ---------------------------------------------------------------------
def test_three_outages_in_a_row_are_enough_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(composing, "time", SimpleNamespace(monotonic=lambda: now))
    breaker = Breaker(failures=3, seconds=30)
    for reason in ("timeout", "unavailable", "timeout"):
        assert breaker.allows()
        breaker.note(Failed(reason))  # type: ignore[arg-type]
    assert not breaker.allows()
    now += 31
    assert breaker.allows()
    assert not breaker.allows()  # one tries, the others don't wait for it
    breaker.note(Failed("timeout"))
    assert not breaker.allows()
    now += 31
    assert breaker.allows()
    breaker.note(Composed("", (), ()))
    assert all(breaker.allows() for _ in range(5))


def test_bad_answers_are_no_outage() -> None:
    breaker = Breaker(failures=3)
    for _ in range(9):
        breaker.note(Failed("ungrounded"))
    breaker.note(Failed("timeout"))
    breaker.note(Failed("timeout"))
    breaker.note(Failed("no_answer"))
    breaker.note(Failed("timeout"))
    assert breaker.allows()


def test_a_model_that_is_away_is_not_asked(
    grown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        reply(monkeypatch, Breaks("", ConnectionError()))
    writer = Says("You have 60 days to return an item [1].")
    assert reply(monkeypatch, writer) == CURATED
    assert writer.prompts == []


# --- Settings ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("", {}, ""),
        ("openai:gpt-4.1-mini", {}, ""),
        ("gpt-4.1-mini", {}, "provider:name"),
        ("groq:llama", {}, "pip install langchain-groq"),
        ("openai:gpt-4.1-mini", ["temperature"], "JSON object"),
    ],
)
def test_a_wrong_setting_is_said_at_the_start(name: str, options: Any, says: str) -> None:
    with override_settings(LANGUAGE_MODEL=name, LANGUAGE_MODEL_OPTIONS=options):
        found = checks.language_model()
    assert bool(found) == bool(says)
    assert all(says in str(one) for one in found)


def test_a_model_that_cannot_be_loaded_is_off_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    composing._loading.cache_clear()
    try:
        with override_settings(LANGUAGE_MODEL="groq:llama"):
            assert composing.writer() is None
    finally:
        composing._loading.cache_clear()
    assert "pip install langchain-groq" in caplog.text
