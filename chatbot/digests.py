"""The mail to somebody who left a website before the answer came."""

from collections.abc import Sequence
from html import escape

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from chatbot.conversations import questions, wording
from chatbot.conversations.models import Conversation, Message
from chatbot.replies import as_html

SALT = "svar.back"
GOOD_FOR = 7 * 24 * 60 * 60  # seconds


def subject(conversation: Conversation) -> str:
    """Return the mail's subject, in the language that is active."""
    return _("Your conversation with %(shop)s") % {"shop": conversation.channel.name}


def text(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return what was said since they left, and how to go on."""
    said = "\n\n".join(f"{_name(message)}:\n{_said(message)}" for message in messages)
    return f"{_intro()}\n\n{said}\n\n{_go_on()}\n{back_url(conversation)}"


def html(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return the same as HTML."""
    said = "".join(
        f"<p><strong>{escape(_name(message))}</strong></p>{_said_html(message)}"
        for message in messages
    )
    link = escape(back_url(conversation))
    return f'<p>{escape(_intro())}</p>{said}<p><a href="{link}">{escape(_go_on())}</a></p>'


def _said(message: Message) -> str:
    url = _page_url(message)
    return f"{message.text}\n{wording.answer_on_page()} {url}" if url else message.text


def _said_html(message: Message) -> str:
    url, said = _page_url(message), message.html or as_html(message.text)
    return (
        f'{said}<p><a href="{escape(url)}">{escape(wording.answer_on_page().rstrip(":"))}</a></p>'
        if url
        else said
    )


def _page_url(message: Message) -> str:
    """Return where a question of how it was is answered, whose buttons a mail cannot show."""
    asked = questions.asked_in(
        message_id=message.pk, text=message.text, buttons=len(message.quick_replies)
    )
    return questions.page_url(asked) if asked is not None and message.quick_replies else ""


def _intro() -> str:
    return _("You left before the answer came. Here it is.")


def _go_on() -> str:
    return _("Answer this mail, or go on in the chat:")


def _name(message: Message) -> str:
    return message.author_name or message.conversation.channel.bot_name


def back_url(conversation: Conversation) -> str:
    """Return an address where whoever has it can go on with a website's conversation."""
    token = signing.dumps(conversation.pk, salt=SALT)
    return f"{settings.BASE_URL}/back/{token}/"


def conversation_of(token: str) -> int | None:
    """Return the conversation of a token that is ours and not too old."""
    try:
        return int(signing.loads(token, salt=SALT, max_age=GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None
