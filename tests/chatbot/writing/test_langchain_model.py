"""LangChain's chat models as a writer: over a loopback server, and with a real small model.

A real one: `tools/language-model-server 8199` in another shell, then
SVAR_TEST_LANGUAGE_MODEL_URL=http://127.0.0.1:8199/v1. It writes nonsense: only plumbing is tested.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from chatbot.answering.grounding import Checker
from chatbot.answering.langchain_model import LanguageModelUnusableError, load_writer
from chatbot.answering.writing import Composed, Failed, Prompt, Writer, build_prompt, compose
from tests.chatbot.writing.completions import CompletionsServer, completions_server
from tests.chatbot.writing.test_writing import ENTRIES, overlap

REAL = os.environ.get("SVAR_TEST_LANGUAGE_MODEL_URL", "")


@pytest.fixture
def server() -> Iterator[CompletionsServer]:
    pytest.importorskip("langchain_openai", reason="pip install langchain-openai")
    with completions_server() as server:
        yield server


def writer(server: CompletionsServer) -> Writer:
    return load_writer("openai:test", base_url=server.url)


def answer(writer: Writer, *, seconds: float = 10.0) -> Composed | Failed:
    return compose("Can I return it?", "en", ENTRIES, writer, Checker(overlap), seconds=seconds)


def test_a_model_streams_an_answer(
    server: CompletionsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    result = answer(writer(server))
    assert isinstance(result, Composed), result
    assert result.text == server.text
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["stream"] is True
    assert request["temperature"] == 0
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert "Can I return it?" in request["messages"][1]["content"]


def test_pieces_come_as_they_are_written(server: CompletionsServer) -> None:
    pieces = list(writer(server).write(Prompt("Be brief.", "Hi"), seconds=5))
    assert "".join(pieces) == server.text
    assert len(pieces) == -(-len(server.text) // 4)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_refusal_is_a_failure_at_once(server: CompletionsServer, status: int) -> None:
    server.behave, server.status = "refuse", status
    model = writer(server)
    start = time.monotonic()
    result = answer(model)
    assert isinstance(result, Failed)
    assert result.reason == "unavailable"
    assert time.monotonic() - start < 2  # no waiting for Retry-After
    assert len(server.requests) == 1


@pytest.mark.parametrize("behave", ["hang", "stall"])
def test_a_silent_server_is_left_at_the_deadline(server: CompletionsServer, behave: str) -> None:
    server.behave = behave
    model = writer(server)
    start = time.monotonic()
    result = answer(model, seconds=0.5)
    assert isinstance(result, Failed)
    assert result.reason == "timeout"
    assert time.monotonic() - start < 1


def test_the_clients_own_time_out_frees_its_thread(server: CompletionsServer) -> None:
    server.behave = "hang"
    model = load_writer("openai:test", base_url=server.url, timeout=0.3)
    start = time.monotonic()
    result = answer(model)
    assert isinstance(result, Failed)
    assert result.reason == "timeout"
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("behave", ["break", "garble"])
def test_a_broken_stream_is_no_answer(server: CompletionsServer, behave: str) -> None:
    server.behave = behave
    result = answer(writer(server))
    assert isinstance(result, Failed)
    assert result.reason in ("unavailable", "ungrounded", "uncited")


def test_nobody_at_the_door_is_a_failure() -> None:
    pytest.importorskip("langchain_openai")
    result = answer(load_writer("openai:test", base_url="http://127.0.0.1:9/v1"))
    assert isinstance(result, Failed)
    assert result.reason == "unavailable"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gpt-4.1-mini", "provider:name"),
        ("openai:", "provider:name"),
        ("groq:llama", "pip install langchain-groq"),
        ("nonsense:x", "nonsense"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_what_to_do(name: str, says: str) -> None:
    with pytest.raises(LanguageModelUnusableError, match=says):
        load_writer(name)


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LanguageModelUnusableError, match="OPENAI_API_KEY"):
        load_writer("openai:gpt-4.1-mini")


def test_langchain_is_imported_only_when_a_model_is_loaded() -> None:
    code = (
        "import sys, chatbot.answering.langchain_model; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('langchain', 'langchain_core', 'langsmith', 'openai', 'django')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not REAL, reason="no SVAR_TEST_LANGUAGE_MODEL_URL")
def test_a_real_model_streams_and_is_checked() -> None:
    model = load_writer("openai:smollm2", base_url=REAL, timeout=60)
    pieces = list(model.write(build_prompt("Can I return it?", "en", ENTRIES), seconds=60))
    assert len(pieces) > 3
    assert "".join(pieces).strip()
    start = time.monotonic()
    result = answer(model)
    assert isinstance(result, Composed | Failed)
    assert time.monotonic() - start < 11
