"""An answer in a model's words: the prompt, the stream, and every way to fail."""

import re
import threading
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatbot.answering.grounding import Checker, Source
from chatbot.answering.writing import (
    DRAFT_CHARACTERS,
    ENTRY_CHARACTERS,
    MOST_ENTRIES,
    MOST_TURNS,
    QUESTION_CHARACTERS,
    TITLE_CHARACTERS,
    TURN_CHARACTERS,
    Composed,
    Failed,
    Turn,
    Writer,
    build_prompt,
    compose,
)
from tests.chatbot.writing.writers import Babbles, Breaks, Hangs, Says

ENTRIES = [
    Source(
        1, "How long do I have?", "You have 60 days to return an item. It must be unused.", "en"
    ),
    Source(
        2, "What does a return cost?", "The return label costs 39 kr. Call +45 70 20 30 40.", "en"
    ),
]
GOOD = "You have 60 days to return an item [1]. The return label costs 39 kr [2]."


def overlap(claims: Sequence[str], passages: Sequence[str]) -> list[list[float]]:
    """Return .98 where a passage has half of the claim's words, else .7."""

    def words(text: str) -> set[str]:
        return set(re.findall(r"\w{3,}", text.casefold()))

    return [
        [0.98 if len(words(c) & words(p)) * 2 >= len(words(c)) else 0.7 for p in passages]
        for c in claims
    ]


def ask(writer: Writer, question: str = "Can I return it?", **options: Any) -> Composed | Failed:
    return compose(question, "en", ENTRIES, writer, Checker(overlap), **options)


def reason(writer: Writer, **options: Any) -> str:
    result = ask(writer, **options)
    assert isinstance(result, Failed), result
    return result.reason


# --- What comes out ---------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
def test_a_grounded_draft_is_streamed_in_whole_sentences(size: int) -> None:
    shown: list[str] = []
    result = ask(Says(GOOD, size=size), on_text=shown.append)
    assert result == Composed(
        GOOD,
        (1, 2),
        ("You have 60 days to return an item [1].", "The return label costs 39 kr [2]."),
    )
    assert shown == [
        "You have 60 days to return an item [1].",
        " The return label costs 39 kr [2].",
    ]


def test_a_sentence_is_shown_before_the_next_one_is_written() -> None:
    times: list[float] = []
    start = time.monotonic()
    ask(Says(GOOD, size=5, pause=0.02), on_text=lambda _: times.append(time.monotonic() - start))
    assert times[1] - times[0] > 0.05


def test_a_sentence_without_a_citation_waits_for_the_next_one() -> None:
    text = "You have 60 days to return an item. It must be unused [1]."
    shown: list[str] = []
    result = ask(Says(text), on_text=shown.append)
    assert isinstance(result, Composed)
    assert result.cited == (1,)
    assert len(result.sentences) == 2


def test_what_the_model_thinks_aloud_is_not_its_answer() -> None:
    result = ask(Says(f"<think>The refund is 500 kr. Right?</think>\n{GOOD}"))
    assert isinstance(result, Composed)
    assert result.text == GOOD


# --- Every way to fail ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO_ANSWER", "no_answer"),
        ("`NO_ANSWER`.", "no_answer"),
        ("", "no_answer"),
        ("<think>I don't know", "no_answer"),
        ("You have 60 days to return an item.", "uncited"),
        ("You have 90 days to return an item [1].", "ungrounded"),
        ("You have 60 days to return an item [2].", "ungrounded"),
        ("You have 60 days to return an item [7].", "ungrounded"),
        ("You have 60 days to return an item <b>[1]</b>.", "ungrounded"),
        ("The moon is made of cheese and honey [1].", "ungrounded"),
        ("Yes [1].", "ungrounded"),
    ],
)
def test_a_bad_draft_fails_and_shows_nothing(text: str, expected: str) -> None:
    shown: list[str] = []
    assert reason(Says(text), on_text=shown.append) == expected
    assert shown == []


def test_a_model_that_repeats_its_prompt_is_stopped_at_the_first_mark() -> None:
    start = time.monotonic()
    assert reason(Says("<data-1f kind=entry>\n" * 100, size=5, pause=0.02)) == "ungrounded"
    assert time.monotonic() - start < 0.5


def test_a_later_bad_sentence_fails_the_whole_and_is_never_shown() -> None:
    shown: list[str] = []
    text = f"{GOOD} The return label costs 93 kr [2]. It must be unused [1]."
    assert reason(Says(text), on_text=shown.append) == "ungrounded"
    assert "".join(shown) == GOOD


class RateLimitError(Exception):
    """As providers name it."""


class APITimeoutError(Exception):
    """As providers name it."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RateLimitError("429"), "unavailable"),
        (ConnectionError("refused"), "unavailable"),
        (APITimeoutError("slow"), "timeout"),
        (TimeoutError(), "timeout"),
        (SystemExit(1), "unavailable"),
    ],
)
@pytest.mark.parametrize("begun", ["", "You have 60 days"])
def test_a_writers_error_is_a_failure(error: BaseException, expected: str, begun: str) -> None:
    assert reason(Breaks(begun, error)) == expected


@pytest.mark.parametrize("begun", ["", GOOD + " And"])
def test_a_writer_that_hangs_is_left_behind_at_the_deadline(begun: str) -> None:
    writer = Hangs(begun)
    start = time.monotonic()
    assert reason(writer, seconds=0.3) == "timeout"
    assert time.monotonic() - start < 0.6
    writer.released.set()


def test_slow_pieces_count_together() -> None:
    start = time.monotonic()
    assert reason(Says(GOOD, size=2, pause=0.05), seconds=0.3) == "timeout"
    assert time.monotonic() - start < 0.6


def test_a_writer_without_end_is_stopped() -> None:
    assert reason(Babbles("and ")) == "too_long"
    assert reason(Babbles(""), seconds=0.2) == "timeout"
    assert DRAFT_CHARACTERS <= 4_000


def test_a_writer_is_told_to_stop_when_its_draft_has_failed() -> None:
    writer = Says("The moon is made of cheese [1]. " * 50, pause=0.002)
    assert reason(writer) == "ungrounded"
    assert writer.stopped.wait(2)


def test_a_broken_check_is_a_failure() -> None:
    def broken(_claims: Sequence[str], _passages: Sequence[str]) -> list[list[float]]:
        raise OSError("embeddings are away")

    result = compose("?", "en", ENTRIES, Says(GOOD), Checker(broken))
    assert isinstance(result, Failed)
    assert result.reason == "unavailable"


def test_no_thread_is_left_by_those_that_end() -> None:
    for _ in range(5):
        ask(Says(GOOD))
    time.sleep(0.05)
    assert not [t for t in threading.enumerate() if t.name == "writer" and t.is_alive()]


# --- Personal data ----------------------------------------------------------------------------
def test_personal_data_stays_here_and_a_known_number_comes_back() -> None:
    writer = Says("The return label costs 39 kr [2]. Call [PHONE_1] [2].")
    question = "Is +45 70 20 30 40 yours? I am anna@example.com, 010190-1234."
    history = [Turn("customer", "My card is 4111 1111 1111 1111, mail anna@example.com")]
    result = ask(writer, question, history=history)
    sent = writer.prompts[0].user
    for secret in ("70 20 30 40 yours", "anna@", "010190", "4111"):
        assert secret not in sent
    assert "[EMAIL_1]" in sent
    assert "[CARD_1]" in sent
    assert isinstance(result, Composed), result
    assert result.text.endswith("Call +45 70 20 30 40 [2].")


@pytest.mark.parametrize("placeholder", ["[EMAIL_1]", "[ID_1]", "[PHONE_1]", "[EMAIL_9]"])
def test_the_customers_own_data_is_not_said_back(placeholder: str) -> None:
    question = "I am anna@example.com, 010190-1234, 20 30 40 50"
    text = f"The return label costs 39 kr for {placeholder} [2]."
    result = ask(Says(text), question)
    assert isinstance(result, Failed)
    assert result.reason == "ungrounded"


# --- The prompt -------------------------------------------------------------------------------
ATTEMPTS = yaml.safe_load(Path("tests/evaluation/injections.yaml").read_text("utf-8"))["attempts"]
TOKENS = ("<|", "|>", "[INST]", "[/INST]", "<<SYS>>", "</s>", "<s>", "<start_of_turn>", "<think>")


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt["id"])
def test_no_attempt_closes_the_fence(attempt: dict[str, Any]) -> None:
    text = attempt["text"]
    entries = [Source(1, text, text, attempt["language"])]
    prompt = build_prompt(text, attempt["language"], entries, [Turn("customer", text)])
    nonce = re.findall(r"<data-([0-9a-f]{16}) ", prompt.user)[0]
    assert nonce not in text
    # Three fences, each opened and closed once and in turn; not an angle bracket beside theirs.
    tags = re.findall(r"<[^<>]*>", prompt.user)
    assert [tag.startswith("</") for tag in tags] == [False, True] * 3
    assert all(nonce in tag for tag in tags)
    inside = re.sub(rf"</?data-{nonce}[^<>]*>", "", prompt.user)
    assert "<" not in inside
    assert ">" not in inside
    assert nonce not in inside
    assert not [token for token in TOKENS if token.casefold() in inside.casefold()]
    assert not [c for c in inside if unicodedata.category(c)[0] == "C" and c not in "\n\t"]
    assert len(prompt.user) < 2 * (ENTRY_CHARACTERS + QUESTION_CHARACTERS + TURN_CHARACTERS)
    assert nonce in prompt.system
    assert text.strip() not in prompt.system


@pytest.mark.parametrize(
    "obeyed", ["{leak} [1].", "You have 60 days to return an item, {leak} [1]."]
)
def test_an_attempt_that_is_obeyed_is_not_shown(obeyed: str) -> None:
    for attempt in ATTEMPTS:
        for leak in attempt.get("leaks", ()):
            if "60 days" in obeyed and not re.search(r"\d|[A-Z]{4}|<|://", leak):
                continue  # plain words within a true sentence are the cosine's to judge
            shown: list[str] = []
            draft = Says(obeyed.format(leak=leak))
            result = ask(draft, attempt["text"], on_text=shown.append)
            assert isinstance(result, Failed), (attempt["id"], leak)
            assert shown == []


def test_the_tag_is_new_each_time() -> None:
    prompts = {build_prompt("Hi", "en", ENTRIES).user for _ in range(20)}
    assert len(prompts) == 20


def test_tokens_do_not_close_up_around_one_that_was_taken_out() -> None:
    for text in ("[IN[INST]ST]", "<|im_<|im_start|>start|>", "＜|im_start|＞", "<\u200b|im_end|>"):
        user = build_prompt(text, "en", ENTRIES).user
        assert "INST]" not in user.replace("[IN ST]", "")
        assert "im_start|>" not in user
        assert "|>" not in user


def test_the_prompt_is_bounded_and_names_the_language() -> None:
    entries = [Source(n, "t" * 9_999, "e" * 99_999, "da") for n in range(1, 30)]
    turns = [Turn("customer", "h" * 9_999)] * 50
    prompt = build_prompt("q" * 99_999, "da", entries, turns)
    most = MOST_ENTRIES * (ENTRY_CHARACTERS + TITLE_CHARACTERS) + MOST_TURNS * TURN_CHARACTERS
    assert len(prompt.user) < most + QUESTION_CHARACTERS + 3_000
    assert "in Danish" in prompt.system
    assert "NO_ANSWER" in prompt.system
