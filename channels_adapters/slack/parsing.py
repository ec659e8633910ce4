"""Events of Slack, read into what the core knows."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from channels_adapters.slack import markup
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import (
    File,
    Interaction,
    MessageCallback,
    MessageEvent,
    Press,
)
from channels_adapters.slack.threads import is_direct, sender_id, thread_of
from chatbot.conversations.models import Channel
from chatbot.envelope import (
    Event,
    Inbound,
    InboundFile,
    InboundMessage,
    Intent,
    MessageDeleted,
    MessageEdited,
)

# action_id of our quick replies: their place in the row, and what pressing one means.
REPLY = "reply.{index}.{intent}"
_REPLY = re.compile(r"reply\.\d+\.(message|human)")
# What people write comes with one of these subtypes or none.
_WRITTEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})
_SLACKBOT = "USLACKBOT"


def parse(channel: Channel, options: Options, event: Event) -> Sequence[Inbound]:
    """Return what an event says. Raises pydantic's ValidationError, without values."""
    if Interaction.model_validate_json(event.payload).type == "block_actions":
        return _press(channel, Press.model_validate_json(event.payload))
    callback = MessageCallback.model_validate_json(event.payload)
    return _message(channel, callback, options.bot_user_id or callback.bot_user_id)


# --- Messages ---------------------------------------------------------------------------------
def _message(channel: Channel, callback: MessageCallback, bot: str) -> Sequence[Inbound]:
    event = callback.event
    if event.subtype == "message_changed":
        return _changed(channel, event, bot)
    if event.subtype == "message_deleted":
        return _deleted(channel, event, bot)
    if event.subtype not in _WRITTEN or event.bot_id or event.user in ("", bot, _SLACKBOT):
        return ()
    direct = is_direct(event.channel, event.channel_type)
    mentioned = event.type == "app_mention" or markup.mentions(event.text, bot)
    addressed = direct or mentioned or event.channel_type == "mpim"
    if not addressed and not event.thread_ts:  # people talking among themselves
        return ()
    files, links = _files(event.files)
    text = "\n".join(filter(None, (_text(event.text, bot), *links)))
    if not text and not files:
        if not mentioned:
            return ()
        text = f"@{channel.bot_name}"  # only called by name
    details: dict[str, Any] = {
        "team": callback.account,
        "user": event.user,
        "channel": event.channel,
        "mentioned": mentioned,
    }
    if not addressed:
        details["only_if_known"] = True
    return (
        InboundMessage(
            channel_id=channel.pk,
            sender_id=sender_id(callback.account, event.user),
            external_id=f"{event.channel}:{event.ts}",
            text=text,
            files=files,
            thread=thread_of(
                channel=event.channel,
                channel_type=event.channel_type,
                ts=event.ts,
                thread_ts=event.thread_ts,
                is_mention=mentioned,
            ),
            details=details,
            sent_at=_at(event.ts),
        ),
    )


def _changed(channel: Channel, event: MessageEvent, bot: str) -> Sequence[Inbound]:
    now, before = event.message, event.previous_message
    if now is None or now.bot_id or now.user == bot or _among_themselves(event, bot):
        return ()
    if now.subtype == "tombstone":  # deleted, but there are answers below it
        return (MessageDeleted(channel.pk, f"{event.channel}:{now.ts}"),)
    if before is not None and before.text == now.text:  # a link got its preview
        return ()
    text = _text(now.text, bot)
    return (MessageEdited(channel.pk, f"{event.channel}:{now.ts}", text),) if text else ()


def _deleted(channel: Channel, event: MessageEvent, bot: str) -> Sequence[Inbound]:
    before = event.previous_message
    ours = before is not None and (before.bot_id or before.user == bot)
    if ours or not event.deleted_ts or _among_themselves(event, bot):
        return ()
    return (MessageDeleted(channel.pk, f"{event.channel}:{event.deleted_ts}"),)


def _among_themselves(event: MessageEvent, bot: str) -> bool:
    """Return whether a changed message was none for us: not in a thread, without a mention."""
    before = event.previous_message
    if not bot or before is None or event.channel_type not in ("channel", "group"):
        return False
    return before.thread_ts in ("", before.ts) and not markup.mentions(before.text, bot)


def _text(text: str, bot: str) -> str:
    return markup.plain(markup.without_mention(text, bot)).strip()


def _files(files: Sequence[File]) -> tuple[tuple[InboundFile, ...], list[str]]:
    """Return what can be fetched, and the links to what lies elsewhere."""
    ours: list[InboundFile] = []
    links: list[str] = []
    for file in files:
        reference = file.url_private_download or file.url_private
        if file.file_access == "check_file_info" and file.id:
            reference = f"file:{file.id}"
        if not reference or file.mode in ("tombstone", "hidden_by_limit"):
            continue
        name = file.name or file.title or file.id
        if file.is_external:
            links.append(f"{name}: {file.url_private or reference}")
            continue
        kind = file.mimetype or "application/octet-stream"
        ours.append(InboundFile(name, kind, size=file.size, reference=reference))
    return tuple(ours), links


# --- Buttons ----------------------------------------------------------------------------------
def _press(channel: Channel, press: Press) -> Sequence[Inbound]:
    action, container = press.actions[0], press.container
    ours = _REPLY.fullmatch(action.action_id)
    if ours is None or not action.value:  # a link's button, which is pressed without us
        return ()
    intent: Intent = "human" if ours[1] == "human" else "message"
    place = container.channel_id or (press.channel.id if press.channel else "")
    below = container.thread_ts or (press.message.thread_ts if press.message else "")
    is_group = press.channel is not None and press.channel.name.startswith("mpdm-")
    return (
        InboundMessage(
            channel_id=channel.pk,
            sender_id=sender_id(press.account, press.user.id),
            external_id=f"{place}:{container.message_ts}:{action.action_ts}",
            text=action.value,
            intent=intent,
            thread=thread_of(
                channel=place,
                channel_type="mpim" if is_group else "",
                ts=container.message_ts,
                thread_ts=below,
                is_mention=False,
            ),
            details={"team": press.account, "user": press.user.id, "channel": place},
            sent_at=_at(action.action_ts),
        ),
    )


def _at(ts: str) -> datetime | None:
    return datetime.fromtimestamp(float(ts), UTC) if ts else None
