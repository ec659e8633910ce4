"""Updates of the Bot API (https://core.telegram.org/bots/api#update) as what the core knows."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    MessageEntity,
    Update,
    User,
)

from channels_adapters.telegram.attachments import files_of, place_of, spelled_out
from channels_adapters.telegram.buttons import pressed
from chatbot.envelope import Inbound, InboundMessage, Intent, MessageEdited, Reachability

# What a customer is taken to say by /start and by /human, in the language of their Telegram.
_WORDS = {
    "da": ("Hej", "Tal med et menneske"),
    "sv": ("Hej", "Prata med en människa"),
    "nb": ("Hei", "Snakk med et menneske"),
    "no": ("Hei", "Snakk med et menneske"),
    "de": ("Hallo", "Mit einem Menschen sprechen"),
    "en": ("Hi", "Talk to a person"),
}
_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?\s*(.*)", re.ASCII | re.DOTALL)
_OPENING = frozenset({"start", "help"})
_PERSON = frozenset(
    {"human", "person", "agent", "operator", "menneske", "medarbejder", "medarbetare", "manniska"}
    | {"mensch", "mitarbeiter"}
)


@dataclass(frozen=True, slots=True)
class Us:
    """The channel and its bot: `username` is without "@", empty before it is known."""

    channel_id: int
    bot_id: int
    username: str


def parse(payload: bytes, us: Us) -> list[Inbound]:
    """Return what an update (JSON) says. Raises what json and telegram raise of malformed ones."""
    update = Update.de_json(json.loads(payload), None)
    if update.message is not None:
        return _message(update.message, us)
    if update.edited_message is not None:
        return _edited(update.edited_message, us)
    if update.callback_query is not None:
        return _pressed(update.callback_query, us)
    if update.my_chat_member is not None:
        return _reachability(update.my_chat_member, us)
    return []


def _message(message: Message, us: Us) -> list[Inbound]:
    user = _author(message)
    if user is None or not _concerns(message, us):
        return []
    read = _read(message, user, us)
    files, place = files_of(message), place_of(message)
    if not read.text and not files and place is None:
        return []
    return [
        InboundMessage(
            channel_id=us.channel_id,
            sender_id=str(user.id),
            external_id=_external_id(message),
            text=read.text,
            intent=read.intent,
            language=_language(user),
            sender_name=user.full_name,
            files=files,
            place=place,
            thread=_thread(message),
            references=_references(message),
            details={**_details(message, user), **read.details},
            sent_at=message.date,
        )
    ]


def _edited(message: Message, us: Us) -> list[Inbound]:
    user = _author(message)
    if user is None or not _concerns(message, us):
        return []
    # A shared live position is "edited" with each step; it has no text.
    if not (text := _read(message, user, us).text):
        return []
    return [MessageEdited(us.channel_id, _external_id(message), text)]


def _pressed(query: CallbackQuery, us: Us) -> list[Inbound]:
    message = query.message
    if message is None or query.from_user.is_bot:
        return []
    intent, text = pressed(query.data or "")
    text = _button_text(message, query.data) or text
    if not text:
        return []
    return [
        InboundMessage(
            channel_id=us.channel_id,
            sender_id=str(query.from_user.id),
            external_id=f"cb:{query.id}",
            text=text,
            intent=intent,
            language=_language(query.from_user),
            sender_name=query.from_user.full_name,
            thread=_thread(message),
            references=(_external_id(message),),
            details=_details(message, query.from_user),
        )
    ]


def _button_text(message: MaybeInaccessibleMessage, data: str | None) -> str:
    """Return what stands on the pressed button; nothing where the message is too old to be had."""
    if not isinstance(message, Message) or message.reply_markup is None:
        return ""
    for row in message.reply_markup.inline_keyboard:
        for button in row:
            if button.callback_data == data:
                return button.text
    return ""


def _reachability(change: ChatMemberUpdated, us: Us) -> list[Inbound]:
    if change.chat.type != Chat.PRIVATE:
        return []
    blocked = change.new_chat_member.status in ("kicked", "left")
    reason = "blocked" if blocked else ""
    return [Reachability(us.channel_id, str(change.from_user.id), not blocked, reason)]


@dataclass(frozen=True, slots=True)
class _Read:
    text: str
    intent: Intent
    details: Mapping[str, Any]


def _read(message: Message, user: User, us: Us) -> _Read:
    """Return the words of a message: a command by what is meant with it."""
    words = _WORDS.get(_language(user).partition("-")[0], _WORDS["en"])
    text = _text(message, us) or spelled_out(message)
    command = _command(message)
    if command is None:
        # Who calls the bot by its name alone begins a conversation.
        alone = not text and bool(message.text)
        return _Read(words[0] if alone else text, "message", {})
    name, rest = command[1].lower(), command[3].strip()
    if name == "start":
        return _Read(words[0], "message", {"start": rest} if rest else {})
    if name in _OPENING:
        return _Read(rest or words[0], "message", {})
    if name in _PERSON:
        return _Read(rest or words[1], "human", {})
    return _Read(f"{name.replace('_', ' ')} {rest}".strip(), "message", {})


def _command(message: Message) -> "re.Match[str] | None":
    begins = any(
        entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0
        for entity in message.entities
    )
    return _COMMAND.fullmatch(message.text or "") if begins else None


def _text(message: Message, us: Us) -> str:
    """Return text or caption: the targets of its links in it, the call of the bot cut from it."""
    raw = message.text or message.caption or ""
    entities: Sequence[MessageEntity] = message.entities or message.caption_entities
    units = raw.encode("utf-16-le")  # entities count UTF-16 code units
    for entity in sorted(entities, key=lambda entity: entity.offset, reverse=True):
        begin, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        if entity.type == MessageEntity.TEXT_LINK and entity.url:
            shown = units[begin:end].decode("utf-16-le")
            if shown.strip().rstrip("/") not in (entity.url, entity.url.rstrip("/")):
                units = units[:end] + f" ({entity.url})".encode("utf-16-le") + units[end:]
        elif _is_group(message.chat) and _names_us(units[begin:end], entity, us):
            before, after = units[:begin].decode("utf-16-le"), units[end:].decode("utf-16-le")
            units = _without_call(before, after).encode("utf-16-le")
    return units.decode("utf-16-le").strip()


def _without_call(before: str, after: str) -> str:
    """Return what stood around the bot's name, without the commas that set it off."""
    after = after.lstrip(" ,:;\n")
    if not after or after[0] in ".!?":
        return before.rstrip(" ,") + after
    return f"{before.rstrip(' ')} {after}".strip()


def _concerns(message: Message, us: Us) -> bool:
    """Return whether a message is for the bot: in groups it has to be called."""
    if message.chat.type == Chat.PRIVATE:
        return True
    if not _is_group(message.chat):
        return False
    replied = message.reply_to_message
    if (
        replied is not None
        and replied.from_user is not None
        and replied.from_user.id == us.bot_id
        # In a topic each message "replies" to the one that opened it.
        and replied.forum_topic_created is None
    ):
        return True
    units = (message.text or message.caption or "").encode("utf-16-le")
    return any(
        _names_us(units[2 * one.offset : 2 * (one.offset + one.length)], one, us)
        for one in (*message.entities, *message.caption_entities)
    )


def _names_us(units: bytes, entity: MessageEntity, us: Us) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == us.bot_id
    text = units.decode("utf-16-le").lower()
    name = f"@{us.username.lower()}"
    if not us.username:
        return False
    if entity.type == MessageEntity.BOT_COMMAND:
        return text.endswith(name)
    return entity.type == MessageEntity.MENTION and text == name


def _author(message: Message) -> User | None:
    """Return the person who wrote; None for bots, channels and groups that speak themselves."""
    user = message.from_user
    if user is None or user.is_bot or message.is_automatic_forward:
        return None
    return user


def _is_group(chat: Chat) -> bool:
    return chat.type in (Chat.GROUP, Chat.SUPERGROUP)


def _external_id(message: MaybeInaccessibleMessage) -> str:
    return f"{message.chat.id}:{message.message_id}"


def _thread(message: MaybeInaccessibleMessage) -> str:
    """Return "<chat>:<topic or nothing>" of a group, nothing of a private chat."""
    if not _is_group(message.chat):
        return ""
    # Outside of topics the same number names a chain of replies, to which nothing can be sent.
    topic: int | None = None
    if isinstance(message, Message) and message.is_topic_message:
        topic = message.message_thread_id
    return f"{message.chat.id}:{topic or ''}"


def _references(message: Message) -> tuple[str, ...]:
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return ()
    return (_external_id(replied),)


def _language(user: User) -> str:
    return (user.language_code or "").lower()


def _details(message: MaybeInaccessibleMessage, user: User) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if user.username:
        details["username"] = user.username
    if message.chat.title:
        details["chat"] = message.chat.title
    if not isinstance(message, Message):
        return details
    if message.media_group_id:
        details["album"] = message.media_group_id
    if message.quote is not None:
        details["quoted"] = message.quote.text
    if message.forward_origin is not None:
        details["forwarded"] = True
    return details
