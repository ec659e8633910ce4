"""The bot's decisions in words: what `conversations.services.record_answer` records.

Called within the customer's language. Each returns the fields of a message.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.html import escape, linebreaks, urlize

from chatbot.actions import registry
from chatbot.answering.dialogue import Option
from chatbot.answering.gate import Clarify, Courtesy, Reply
from chatbot.answering.retrieval import Answer, Knowledge
from chatbot.answering.understanding import Kind
from chatbot.conversations import wording
from chatbot.envelope import Citation, QuickReply
from knowledge.search import action_titles

_LINK = 40  # characters of an address that are shown


def answer(decision: Reply, language: str) -> dict[str, Any]:
    """Return one answer, or several under their titles, each with its source."""
    # Two questions may have the same answer.
    answers = list({found.entry: found for found in decision.answers}.values())
    texts = [_in_full(found, language, titled=len(answers) > 1) for found in answers]
    return {
        "text": "\n\n".join(text for text, _ in texts),
        "html": "".join(html for _, html in texts),
        "language": answers[0].language,
        "confidence": decision.confidence,
        "citations": [
            Citation(
                number=number,
                entry=found.entry,
                title=found.title,
                category=found.category,
                updated_at=found.updated_at,
                url=found.url,
            )
            for number, found in enumerate(answers, start=1)
        ],
        "quick_replies": [
            *(QuickReply(title) for title in _offered(answers, language)),
            QuickReply(wording.that_helped()),
            QuickReply(wording.not_it()),
        ],
    }


def _offered(answers: Sequence[Answer], language: str) -> list[str]:
    """Return what customers call the actions that these answers offer to do."""
    wanted = {answer.offers: None for answer in answers if registry.can_do(answer.offers)}
    titles = action_titles(wording.our_language(language)) if wanted else {}
    return [titles[name] for name in wanted if name in titles]


def _in_full(found: Answer, language: str, *, titled: bool) -> tuple[str, str]:
    """Return text and HTML; an answer in another language than the reader's says so."""
    text, html = found.text, found.html
    if wording.our_language(language) != found.language:
        name = wording.language_name(found.language)
        note = wording.other_language_note(language_name=name)
        text, html = f"{note}\n\n{text}", f"<p>{escape(note)}</p>{html}"
    if titled:
        title = escape(found.title)
        text, html = f"{found.title}\n{text}", f"<p><strong>{title}</strong></p>{html}"
    return text, html


def as_html(text: str) -> str:
    """Return plain text as HTML: escaped, with its lines and links."""
    return linebreaks(urlize(text, trim_url_limit=_LINK, nofollow=True, autoescape=True))


def courtesy(decision: Courtesy, bot: str, language: str) -> dict[str, Any]:
    """Return the answer to a greeting, thanks or a goodbye."""
    text = {
        Kind.GREETING: wording.greeting(bot=bot),
        Kind.THANKS: wording.thanks(),
        Kind.GOODBYE: wording.goodbye(),
    }[decision.kind]
    return {"text": text, "language": language}


def options(decision: Clarify, knowledge: Knowledge, language: str) -> list[Option]:
    """Return the choices with the titles that the customer will read.

    Raises LookupError where all of them were unpublished meanwhile.
    """
    found = (knowledge.answer(entry, language) for entry in decision.entries)
    options = [Option(one.entry, one.title) for one in found if one is not None]
    if not options:
        raise LookupError("nothing is left to choose from")
    return options


def clarification(options: Sequence[Option], language: str) -> dict[str, Any]:
    """Return the question which of `options` is meant, with a button for each."""
    buttons = [QuickReply(option.title) for option in options]
    return {
        "text": wording.did_you_mean() if len(options) > 1 else wording.is_it_this(),
        "language": language,
        "quick_replies": [
            *buttons,
            QuickReply(wording.none_of_these() if len(options) > 1 else wording.something_else()),
        ],
    }


def about_picture(language: str) -> dict[str, Any]:
    """Return what is asked of a picture that came without a word."""
    return {
        "text": wording.about_picture(),
        "language": language,
        "quick_replies": [QuickReply(wording.talk_to_person(), intent="human")],
    }


def asking_again(language: str) -> dict[str, Any]:
    """Return what is said when the last answer was none."""
    return {
        "text": wording.ask_again(),
        "language": language,
        "quick_replies": [QuickReply(wording.talk_to_person(), intent="human")],
    }
