"""What hidden text of a page says to machines never becomes knowledge (injections.yaml, `page`)."""

import re
import time
from typing import Any

import pytest
import yaml

from knowledge.sources.chunking import chunks
from knowledge.sources.documents import HTML, MARKDOWN, Unreadable
from knowledge.sources.reading import read
from tests.knowledge.house import House
from tests.world import ROOT

ATTEMPTS: list[dict[str, Any]] = [
    attempt
    for attempt in yaml.safe_load(
        (ROOT / "tests" / "evaluation" / "injections.yaml").read_text("utf-8")
    )["attempts"]
    if attempt["channel"] == "page"
]
# Style sheets are not followed, and these pages hide by them alone.
BY_STYLE_SHEET = {"page-css-01", "page-css-03"}
# The paragraphs of those pages, and of the visible ones, that speak to machines.
MACHINES = re.compile(r"<p[^>]*>[^<]*\b(?:LLM|AIs?|KI|chatbot)\b[^<]*</p>")


def words(attempt: dict[str, Any]) -> str:
    """Return everything that the index and an answer would get of it."""
    # As plain text, such a document would hide nothing: its reader sees every sign.
    kind = HTML if attempt["text"].lstrip().startswith("<") else MARKDOWN
    try:
        document = read(attempt["text"].encode(), kind, name="page")
    except Unreadable:
        return ""
    return "\n".join(f"{chunk.embedded}\n{chunk.label}" for chunk in chunks(document)).lower()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=[attempt["id"] for attempt in ATTEMPTS])
def test_what_a_page_hides_is_not_in_its_passages(attempt: dict[str, Any]) -> None:
    found = words(attempt)
    leaked = [leak for leak in attempt["leaks"] if leak.lower() in found]
    assert bool(leaked) == (attempt["id"] in BY_STYLE_SHEET), leaked


@pytest.mark.parametrize(
    "attempt",
    [one for one in ATTEMPTS if one["id"] in BY_STYLE_SHEET or one["kind"] == "page-visible"],
    ids=lambda attempt: attempt["id"],
)
def test_what_a_page_says_to_machines_is_not_obeyed_and_decides_nothing(
    attempt: dict[str, Any], house: House
) -> None:
    reply = _asked_of(attempt["text"], attempt, house)
    said = f"{reply['text']} {reply['html']}".lower()
    assert [leak for leak in attempt["leaks"] if leak.lower() in said] == []
    house.forget()
    honest = MACHINES.sub("", attempt["text"])
    assert honest != attempt["text"]
    other = _asked_of(honest, attempt, house)
    assert bool(reply["citations"]) == bool(other["citations"])


def _asked_of(text: str, attempt: dict[str, Any], house: House) -> Any:
    house.added(upload=("page.html", text.encode()), language=attempt["language"])
    time.sleep(1.2)  # the index is looked at once a second
    return house.ask(attempt["carries"], attempt["language"])
