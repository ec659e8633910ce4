"""Labelled files: what is read from them, and what is said of those that are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.answering.evaluation import Scored
from chatbot.answering.labelled import (
    BadFile,
    LabelledMessage,
    LabelledQuestion,
    LabelledSet,
    read_set,
)

QUESTIONS = ["where is it", {"text": "hvornår", "language": "da"}, {"text": "when"}]
GOOD: dict[str, Any] = {
    "entries": [
        {"id": "a", "title": "Delivery", "questions": QUESTIONS, "answer": "Soon."},
        {"id": 2, "answer": "Only an answer.", "language": "da"},
    ],
    "messages": [
        {"text": "where", "expected": "a"},
        {"text": "hvad", "expected": 2, "language": "da"},
        {"text": "football", "expected": None},
    ],
    "peers": {
        "rasa": [
            {"predicted": "a", "score": 0.9},
            {"predicted": None, "score": None},
            {"predicted": "a", "score": "0.4"},
        ]
    },
}


def written(folder: Path, content: Any, name: str = "shop.json") -> Path:
    """Return a file of `content`."""
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, "utf-8")
    return path


def asked(*texts: str) -> LabelledSet:
    """Return a set of these messages."""
    return LabelledSet("x", (), tuple(LabelledMessage(text, None) for text in texts), {})


def test_a_file_is_read_with_its_peers(tmp_path: Path) -> None:
    data = read_set(written(tmp_path, GOOD))
    assert data.name == "shop"
    assert [entry.id for entry in data.entries] == ["a", "2"]
    assert data.entries[0].questions == (
        LabelledQuestion("where is it"),
        LabelledQuestion("hvornår", "da"),
        LabelledQuestion("when"),
    )
    assert [message.expected for message in data.messages] == ["a", "2", None]
    assert data.peers == {
        "rasa": (Scored("a", "a", 0.9), Scored("2", None, 0.0), Scored(None, "a", 0.4))
    }


def test_languages_and_peers_may_be_left_out(tmp_path: Path) -> None:
    data = read_set(written(tmp_path, {**GOOD, "peers": None}))
    assert data.peers == {}
    assert [entry.language for entry in data.entries] == ["", "da"]
    assert [message.language for message in data.messages] == ["", "da", ""]
    assert data.entries[1].title == ""
    assert data.entries[1].questions == ()


def changed(**parts: Any) -> dict[str, Any]:
    """Return the good file with some parts replaced."""
    return GOOD | parts


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "Expecting property name"),
        ([GOOD], "a JSON object is expected"),
        ({"messages": GOOD["messages"]}, "KeyError: 'entries'"),
        ({"entries": GOOD["entries"]}, "KeyError: 'messages'"),
        (changed(messages=[{"expected": "a"}]), "KeyError: 'text'"),
        (changed(messages=[{"text": "hello"}]), "KeyError: 'expected'"),
        (changed(entries=[{"title": "Delivery"}]), "KeyError: 'id'"),
        (changed(entries=["Delivery"]), "TypeError"),
        (changed(entries=7), "TypeError"),
        (changed(entries=[{"id": "a", "questions": [{"language": "da"}]}]), "KeyError: 'text'"),
        (changed(entries=[], messages=[], peers={}), "entries and messages are needed"),
        (changed(messages=[], peers={}), "entries and messages are needed"),
        (changed(entries=[*GOOD["entries"], {"id": "a", "title": "b"}]), "the same id"),
        (changed(entries=[*GOOD["entries"], {"id": "mute"}]), "entry 'mute' has no text"),
        (
            changed(messages=[{"text": "x", "expected": "lost"}], peers={}),
            "message 0 expects 'lost', no such entry",
        ),
        (changed(peers={"rasa": [{"predicted": "a"}] * 3}), "KeyError: 'score'"),
        (changed(peers=["rasa"]), "AttributeError"),
        (
            changed(peers={"rasa": [{"predicted": "a", "score": "much"}] * 3}),
            "could not convert string to float: 'much'",
        ),
        (
            changed(peers={"rasa": [{"predicted": "a", "score": 1}]}),
            "peer rasa has 1 rows for 3 messages",
        ),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong_in_it(
    tmp_path: Path, content: Any, says: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(BadFile) as bad:
        read_set(path)
    assert str(bad.value).startswith(f"{path}: ")
    assert says in str(bad.value)
    assert "\n" not in str(bad.value)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        read_set(tmp_path / "missing.json")
    latin = tmp_path / "latin.json"
    latin.write_bytes('{"entries": "bø"}'.encode("latin-1"))
    with pytest.raises(BadFile, match="utf-8"):
        read_set(latin)


FIRST = asked(*(f"question number {number} about parcels" for number in range(300)))


def test_messages_that_were_fitted_on_are_recognised() -> None:
    assert FIRST.has_seen(FIRST.sketch)
    assert len(FIRST.sketch) == 100
    shuffled = asked(*(message.text.upper() + "?!" for message in reversed(FIRST.messages)))
    assert shuffled.sketch == FIRST.sketch
    assert shuffled.has_seen(FIRST.sketch)


def test_part_of_what_was_fitted_on_is_recognised_too() -> None:
    half = asked(*(message.text for message in FIRST.messages[:150]))
    more = asked(*(message.text for message in FIRST.messages), *(f"new {n}" for n in range(900)))
    assert half.has_seen(FIRST.sketch)
    assert more.has_seen(FIRST.sketch)


def test_other_peoples_messages_are_not_taken_for_those_fitted_on() -> None:
    greetings = [f"hello {name}" for name in ("there", "again", "you", "all", "bot")]
    one = asked(*greetings, *(f"where is parcel {number}" for number in range(60)))
    other = asked(*greetings, *(f"how do i boil egg {number}" for number in range(60)))
    assert not one.has_seen(other.sketch)
    assert not other.has_seen(one.sketch)
    assert not FIRST.has_seen(one.sketch)
    assert not FIRST.has_seen(())


def test_a_sketch_does_not_give_away_what_was_written() -> None:
    assert not any("parcel" in part for part in FIRST.sketch)
    assert all(len(part) == 12 for part in FIRST.sketch)
    assert asked("same", "Same!", "same").sketch == asked("same").sketch
