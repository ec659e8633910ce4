"""The Web API by slack_sdk, and what its refusals mean to an admin and to the core."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import ValidationError

from channels_adapters.base import SendError
from channels_adapters.slack.options import Options

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError
    from slack_sdk.web import WebClient

SECONDS = 10  # of one request; the core tries again

# The SDK and the socket write whole messages at DEBUG, and parts of answers as errors.
quiet = logging.getLogger("channels_adapters.slack.wire")
quiet.setLevel(logging.CRITICAL)

# "It's possible some aspect of the operation succeeded before the error was raised" (Slack, of
# internal_error and fatal_error): client_msg_id is for that. The two duplicate errors name no
# message that could be shown as sent, so they are tried again and then told.
_PASSING = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "external_channel_migrating",
        "duplicate_message_not_found",
        "duplicate_channel_not_found",
    }
)
_CODE_WORD = re.compile(r"[a-z0-9_:.,-]{1,100}")
_TOKEN = gettext_noop(
    "Slack does not accept the token. Copy it anew from your Slack app and enter it again."
)
_REMOVED = gettext_noop(
    "The bot was removed from the Slack workspace. Install the app there again and enter the new "
    "bot token."
)
_UNKNOWN_PLACE = gettext_noop(
    "Slack does not find the conversation. Perhaps the bot was never invited to the channel, or "
    "the person has left."
)
_TOO_LONG = gettext_noop("The message is too long for Slack.")
_FORBIDDEN = gettext_noop("The Slack workspace does not let the bot write here.")
_APP_CREDENTIALS = gettext_noop(
    "Slack does not accept the client ID and secret. Copy both anew from “Basic Information” of "
    "your Slack app."
)
_CODE = gettext_noop("The installation took too long or was done before. Start it again.")
_TEXTS = {
    "invalid_auth": _TOKEN,
    "not_authed": _TOKEN,
    "token_expired": _TOKEN,
    "not_allowed_token_type": _TOKEN,
    "token_revoked": _REMOVED,
    "account_inactive": _REMOVED,
    "channel_not_found": _UNKNOWN_PLACE,
    "user_not_found": _UNKNOWN_PLACE,
    "users_not_found": _UNKNOWN_PLACE,
    "user_disabled": _UNKNOWN_PLACE,
    "is_archived": gettext_noop("The Slack channel is archived. Nothing can be sent there."),
    "not_in_channel": gettext_noop("The bot is not in this Slack channel. Invite it: /invite."),
    "messages_tab_disabled": gettext_noop(
        "Direct messages to the bot are turned off. Turn on “Messages Tab” under “App Home” of "
        "your Slack app."
    ),
    "msg_too_long": _TOO_LONG,
    "msg_blocks_too_long": _TOO_LONG,
    "restricted_action": _FORBIDDEN,
    "restricted_action_read_only_channel": _FORBIDDEN,
    "restricted_action_thread_only_channel": _FORBIDDEN,
    "restricted_action_thread_locked": _FORBIDDEN,
    "cannot_dm_bot": _FORBIDDEN,
    "ekm_access_denied": _FORBIDDEN,
    "access_denied": _FORBIDDEN,
    "invalid_client_id": _APP_CREDENTIALS,
    "bad_client_secret": _APP_CREDENTIALS,
    "invalid_code": _CODE,
    "code_already_used": _CODE,
    "bad_redirect_uri": gettext_noop(
        "Slack does not know this server's address. Add it under “Redirect URLs” in “OAuth & "
        "Permissions” of your Slack app."
    ),
    "file_not_found": gettext_noop("The file is not in Slack any more."),
    "file_deleted": gettext_noop("The file is not in Slack any more."),
}


def web_client(options: Options, token: str) -> "WebClient":
    """Return a client for the API that the options name. It does not retry: the core does."""
    from slack_sdk.web import WebClient

    return WebClient(
        token=token or None,
        base_url=options.api_url,
        timeout=SECONDS,
        retry_handlers=[],
        logger=quiet,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the SDK raises within into SendError."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    # From None: what Slack answered is not to be in tracebacks.
    try:
        yield
    except SlackApiError as error:
        raise _refusal(error) from None
    except (OSError, HTTPException):  # urllib's URLError and time-outs are OSError
        raise SendError(_("Slack could not be reached."), permanent=False) from None
    except (SlackClientError, ValidationError):
        raise unreadable() from None


def refusal(status: int, code: str, retry_after: str = "", needed: str = "") -> SendError:
    """Return what an answer means: its status, its `error`, its Retry-After in seconds."""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        after = float(retry_after[:6]) if re.fullmatch(r"[0-9]+", retry_after) else None
        return SendError(_("Slack asks for fewer messages."), permanent=False, retry_after=after)
    if status >= 500 or code in _PASSING:
        return SendError(_("Slack has a problem of its own at the moment."), permanent=False)
    if code == "missing_scope":
        return SendError(
            _(
                "The Slack app lacks the permission %(scope)s. Add it under “OAuth & "
                "Permissions” and install the app again."
            )
            % {"scope": needed if _CODE_WORD.fullmatch(needed) else "?"},
            permanent=True,
        )
    if code in _TEXTS:
        return SendError(_(_TEXTS[code]), permanent=True)
    if not _CODE_WORD.fullmatch(code):  # a page of a proxy, or half an answer
        return unreadable()
    return SendError(_("Slack refused it (%(code)s).") % {"code": code}, permanent=True)


def unreadable() -> SendError:
    """Return what an answer means that is none of Slack's."""
    return SendError(_("Slack sent an answer that cannot be read."), permanent=False)


def _refusal(error: "SlackApiError") -> SendError:
    response: Any = error.response
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    data = response.data if isinstance(response.data, dict) else {}
    return refusal(
        response.status_code,
        str(data.get("error", "")),
        headers.get("retry-after", ""),
        str(data.get("needed", "")),
    )
