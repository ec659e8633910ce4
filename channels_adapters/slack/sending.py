"""Posts messages, files and notices. Source: docs.slack.dev/reference/methods/chat.postMessage."""

import uuid
from typing import TYPE_CHECKING, Any

from channels_adapters.slack import blocks
from channels_adapters.slack.client import refusals, web_client
from channels_adapters.slack.files import show, upload
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import OpenAnswer, PostAnswer
from channels_adapters.slack.threads import Place, place_of
from chatbot.envelope import OutboundMessage, Sent

if TYPE_CHECKING:
    from slack_sdk.web import WebClient

_KEYS = uuid.UUID("9f0c5f8e-57a5-4a6e-8d1f-3f3f0f8f9c52")  # names the space of our messages' keys


def send(options: Options, message: OutboundMessage) -> Sent:
    """Post a message. Returns `<channel>:<ts>`, nothing for files alone. Raises SendError.

    Files are brought to Slack first and shown last, so that what may fail has failed before
    anybody sees anything. Each attempt has the same `client_msg_id`. Slack names that parameter
    among the errors of the method only (duplicate_message_not_found): it looks for a message of
    that ID, which spares most doubles after a lost answer, and it promises nothing. Files that
    are shown again after a lost answer are there twice.
    """
    client = web_client(options, options.bot_token)
    place = place_of(message.thread, message.recipient_id)
    channel = place.channel
    sent: tuple[str, ...] = ()
    contents = [(file.name, file.read()) for file in message.files]
    with refusals():
        uploaded = upload(client, options, contents)
        body = blocks.blocks_of(message)
        if body:
            text = message.text or " · ".join(reply.text for reply in message.quick_replies)
            more = {**_metadata(message), **_key(message.key), **_name(options, message)}
            answer = _post(client, place, text, body, more)
            channel, sent = answer.channel, (f"{answer.channel}:{answer.ts}",)
        elif uploaded and not message.thread:  # files are not taken to a user, as messages are
            opened = client.conversations_open(users=channel)
            channel = OpenAnswer.model_validate(opened.data).channel.id
        if uploaded:
            show(client, uploaded, channel=channel, thread_ts=place.thread_ts)
    return Sent(sent)


def post_notice(
    options: Options, channel: str, text: str, url: str, button_text: str, *, key: str
) -> Sent:
    """Post a line for agents with a link to a conversation. Raises SendError.

    `channel` is an ID, or the name of a public channel with or without its #. `key`: as that of
    messages, empty for none.
    """
    if not channel.startswith(("C", "G", "#")):
        channel = f"#{channel}"
    client = web_client(options, options.bot_token)
    with refusals():
        body = blocks.notice(text, url, button_text)
        answer = _post(client, Place(channel, None), text, body, _key(key))
    return Sent((f"{answer.channel}:{answer.ts}",))


def _post(
    client: "WebClient",
    place: Place,
    text: str,
    body: list[blocks.Block],
    more: dict[str, Any],
) -> PostAnswer:
    answer = client.chat_postMessage(
        channel=place.channel,
        thread_ts=place.thread_ts,
        text=blocks.fallback(text),
        blocks=body,
        unfurl_links=False,
        unfurl_media=False,
        **more,
    )
    return PostAnswer.model_validate(answer.data)


def _metadata(message: OutboundMessage) -> dict[str, Any]:
    told = {"message_id": message.message_id, "part": message.part}
    return {"metadata": {"event_type": "svar_message", "event_payload": told}}


def _key(key: str) -> dict[str, Any]:
    return {"client_msg_id": str(uuid.uuid5(_KEYS, key))} if key else {}


def _name(options: Options, message: OutboundMessage) -> dict[str, Any]:
    # Without the right to it Slack refuses the message.
    if message.author != "agent" or not message.author_name:
        return {}
    if "chat:write.customize" not in options.scopes:
        return {}
    return {"username": message.author_name[:80]}
