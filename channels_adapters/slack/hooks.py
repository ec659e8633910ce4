"""Slack's requests: verified, and taken apart into events.

Source: docs.slack.dev/authentication/verifying-requests-from-slack and /apis/events-api.
"""

import json
from typing import Any
from urllib.parse import parse_qs

from channels_adapters.base import Accepted, HookRequest, RefusedHook
from channels_adapters.slack.payloads import Callback, Interaction, Press
from chatbot.envelope import Event

_EVENTS = frozenset({"message", "app_mention"})


def accept(request: HookRequest, signing_secret: str) -> Accepted:
    """Verify a request and return its events. Raises RefusedHook."""
    if request.method != "POST":
        raise RefusedHook(400, "Slack posts its events.")
    form = _form(request)
    if form.get("ssl_check") == "1":  # not signed; asks only whether anybody is here
        return Accepted()
    _verify(request, signing_secret)
    if form and "payload" not in form:  # a slash command: none are ours
        return Accepted()
    try:
        payload = json.loads(form["payload"] if form else request.body)
        if isinstance(payload, dict) and payload.get("type") == "url_verification":
            return Accepted(body=str(payload["challenge"]).encode())
        return Accepted(events=events_of(payload))
    except (ValueError, KeyError, RecursionError):
        pass
    # Outside of the except: what was sent must not be in the chain of causes.
    raise RefusedHook(400, "This is no event of Slack's.")


def events_of(payload: Any) -> tuple[Event, ...]:
    """Return what there is to record of a body; Slack's retries have the same event_id.

    The events of our own answers, and others that are never read, are left out. Raises
    ValueError: pydantic's, without values, or of a time that is no number.
    """
    interaction = Interaction.model_validate(payload)
    if interaction.type == "event_callback":
        callback = Callback.model_validate(payload)
        if callback.event.type not in _EVENTS or callback.event.bot_id:
            return ()
        order = float(callback.event.event_ts or callback.event_time)
        return (_event(callback.event_id, payload, order, callback.account),)
    if interaction.type == "block_actions" and _is_on_message(payload):
        press = Press.model_validate(payload)
        action = press.actions[0]
        # A press has no event_id. Nobody presses one button twice at the same microsecond.
        place, message = press.container.channel_id, press.container.message_ts
        event_id = f"press:{place}:{message}:{press.user.id}:{action.action_id}:{action.action_ts}"
        return (_event(event_id, payload, float(action.action_ts or 0), press.account),)
    return ()


def _is_on_message(payload: Any) -> bool:
    match payload:
        case {"container": {"message_ts": _}}:
            return True
    return False


def _event(event_id: str, payload: Any, order: float, account: str) -> Event:
    return Event(
        event_id=event_id, payload=json.dumps(payload).encode(), order=order, account=account
    )


def _form(request: HookRequest) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        fields = parse_qs(request.body.decode("ascii"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise RefusedHook(400, "This is no form.") from None
    return {name: values[0] for name, values in fields.items()}


def _verify(request: HookRequest, signing_secret: str) -> None:
    from slack_sdk.signature import SignatureVerifier

    if not signing_secret:
        raise RefusedHook(403, "This channel has no signing secret.")
    try:
        # Compares in constant time, and refuses what is older than five minutes.
        valid = SignatureVerifier(signing_secret).is_valid(
            body=request.body,
            timestamp=request.headers.get("x-slack-request-timestamp"),
            signature=request.headers.get("x-slack-signature"),
        )
    except (ValueError, TypeError):  # a timestamp that is no number, bytes that are no text
        valid = False
    if not valid:
        raise RefusedHook(401, "The signature is not Slack's, or is older than five minutes.")
