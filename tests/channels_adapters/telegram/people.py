"""Who writes to the bot, and what they see of it."""

from dataclasses import dataclass, field
from typing import Any

from tests.channels_adapters.telegram.wire import Upload


@dataclass(frozen=True)
class Person:
    """A customer; `language` is that of their Telegram."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = "en"

    @property
    def user(self) -> dict[str, Any]:
        named = {"last_name": self.last_name, "username": self.username}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language,
            **{name: value for name, value in named.items() if value},
        }


@dataclass(frozen=True)
class Button:
    """A button below a message of the bot."""

    text: str
    data: str
    message: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """What a customer got: a message of the bot."""

    chat_id: int
    message_id: int
    text: str
    entities: tuple[tuple[str, str], ...]  # kind and what it is on: ("bold", "Nej")
    links: tuple[str, ...]
    buttons: tuple[Button, ...]
    file: Upload | None
    is_photo: bool
    topic: int | None
    previews: bool

    @property
    def external_id(self) -> str:
        return f"{self.chat_id}:{self.message_id}"


def shown(message: dict[str, Any], upload: Upload | None, previews: bool) -> Shown:
    """Return a message as a customer sees it."""
    text = message.get("text") or message.get("caption") or ""
    units = text.encode("utf-16-le")
    entities = message.get("entities") or message.get("caption_entities") or []
    keyboard = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return Shown(
        chat_id=message["chat"]["id"],
        message_id=message["message_id"],
        text=text,
        entities=tuple(
            (
                entity["type"],
                units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode(
                    "utf-16-le"
                ),
            )
            for entity in entities
        ),
        links=tuple(entity["url"] for entity in entities if "url" in entity),
        buttons=tuple(
            Button(one["text"], one.get("callback_data", ""), message)
            for row in keyboard
            for one in row
        ),
        file=upload,
        is_photo="photo" in message,
        topic=message.get("message_thread_id"),
        previews=previews,
    )
