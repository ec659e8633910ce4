"""What a Telegram message has besides text: files, places, and what is best told in words."""

from telegram import Message

from chatbot.envelope import InboundFile, Place

_NAMES = {
    "audio/ogg": "voice.ogg",
    "audio/mpeg": "audio.mp3",
    "audio/mp4": "audio.m4a",
    "video/mp4": "video.mp4",
    "image/gif": "animation.gif",
    "image/jpeg": "picture.jpg",
    "image/png": "picture.png",
    "application/pdf": "document.pdf",
}


def files_of(message: Message) -> tuple[InboundFile, ...]:
    """Return the files of a message; `reference` is Telegram's file_id.

    An album comes as several messages of one file each.
    """
    if message.photo:
        # The same picture in several sizes.
        largest = max(message.photo, key=lambda size: size.width * size.height)
        name = f"photo-{message.message_id}.jpg"
        return (
            InboundFile(name, "image/jpeg", size=largest.file_size or 0, reference=largest.file_id),
        )
    # An animation comes first: it has a `document` of the same file, for older programs.
    named = message.animation or message.document or message.video or message.audio
    if named:
        kind = named.mime_type or _usual_type(message)
        return (_file(named.file_id, named.file_size, named.file_name, kind),)
    if message.voice:
        voice = message.voice
        return (_file(voice.file_id, voice.file_size, None, voice.mime_type or "audio/ogg"),)
    if message.video_note:
        note = message.video_note
        return (_file(note.file_id, note.file_size, None, "video/mp4"),)
    return ()


def place_of(message: Message) -> Place | None:
    """Return the position that a message shows."""
    if message.venue:
        at, name = message.venue.location, f"{message.venue.title}, {message.venue.address}"
        return Place(at.latitude, at.longitude, name.strip(", "))
    if message.location:
        return Place(message.location.latitude, message.location.longitude)
    return None


def spelled_out(message: Message) -> str:
    """Return in words what has no text of its own; nothing for what cannot be told so."""
    if message.sticker:
        return message.sticker.emoji or ""
    if message.contact:
        contact = message.contact
        name = f"{contact.first_name} {contact.last_name or ''}".strip()
        return f"{name}, {contact.phone_number}"
    if message.poll:
        return "\n".join(
            [message.poll.question, *(f"• {option.text}" for option in message.poll.options)]
        )
    if message.checklist:
        return "\n".join(
            [message.checklist.title, *(f"• {task.text}" for task in message.checklist.tasks)]
        )
    if message.dice:
        return f"{message.dice.emoji} {message.dice.value}"
    return ""


def _usual_type(message: Message) -> str:
    if message.animation or message.video:
        return "video/mp4"
    return "audio/mpeg" if message.audio else "application/octet-stream"


def _file(file_id: str, size: int | None, name: str | None, content_type: str) -> InboundFile:
    name = name or _NAMES.get(content_type, "file")
    return InboundFile(name, content_type, size=size or 0, reference=file_id)
