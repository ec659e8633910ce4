"""Messages as a channel can show them: buttons as a numbered list, long text in parts.

Pure: by capabilities alone, no models.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from chatbot.envelope import Capabilities, QuickReply

_SENTENCE = re.compile(r"(?<=[.!?:;…])[\"')\]]*\s+")
_NUMBER = re.compile(r"\D{0,8}?(\d{1,2})\s*[.):]?\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """What is sent at once."""

    text: str
    html: str | None
    quick_replies: tuple[QuickReply, ...]


def fit(
    text: str,
    html: str | None,
    quick_replies: Sequence[QuickReply],
    can: Capabilities,
    how_to_choose: str,
) -> list[Part]:
    """Return the parts of a message for a channel that `can` do so much.

    `how_to_choose` stands under a numbered list, in the reader's language.
    """
    replies = tuple(quick_replies)
    if replies and not shows_buttons(replies, can):
        numbered = [f"{number}. {one.text}" for number, one in enumerate(replies, start=1)]
        said = set(text.splitlines())
        missing = [line for line in numbered if line not in said]
        text = "\n\n".join(filter(None, (text, "\n".join(missing), how_to_choose)))
        if html is not None:
            lines = "<br>".join(map(escape, missing))
            html = f"{html}<p>{lines}</p><p>{escape(how_to_choose)}</p>"
        replies = ()
    texts = split(text, can.text_length)
    if len(texts) == 1:
        return [Part(texts[0], html, replies)]
    # Buttons belong under the last one, which is where the reader is.
    return [Part(one, None, ()) for one in texts[:-1]] + [Part(texts[-1], None, replies)]


def shows_buttons(replies: Sequence[QuickReply], can: Capabilities) -> bool:
    """Return whether a channel that `can` do so much shows all of `replies` as buttons."""
    return len(replies) <= can.buttons and all(
        len(one.text) <= can.button_length for one in replies
    )


def chosen(text: str, replies: Sequence[QuickReply]) -> QuickReply | None:
    """Return the reply whose number in the list a customer wrote: "2", "2.", "nr. 2"."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= len(replies):
        return None
    return replies[int(found[1]) - 1]


def split(text: str, most: int | None) -> list[str]:
    """Return `text` in parts of at most `most` characters: at paragraphs, else at sentences.

    A sentence that is longer is cut between words, a word that is longer anywhere. Joined, the
    parts have every character but white space at the seams.
    """
    if most is None or len(text) <= most:
        return [text]
    parts: list[str] = []
    for piece in _pieces(text, most):
        if parts and len(parts[-1]) + len(piece) <= most:
            parts[-1] += piece
        else:
            parts.append(piece.lstrip())
    return [part.strip() for part in parts if part.strip()]


def _pieces(text: str, most: int) -> Iterator[str]:
    for paragraph in re.split(r"(?<=\n)\n+", text):
        if len(paragraph) <= most:
            yield paragraph if paragraph.endswith("\n\n") else paragraph + "\n"
            continue
        for sentence in _cut(_SENTENCE, paragraph):
            if len(sentence) <= most:
                yield sentence
                continue
            for words in _cut(re.compile(r"\s+"), sentence):
                for start in range(0, len(words), most):
                    yield words[start : start + most]


def _cut(between: "re.Pattern[str]", text: str) -> Iterator[str]:
    """Yield `text` cut behind each match, whole."""
    start = 0
    for match in between.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    yield text[start:]
