"""How the bot comes to workspaces: what the app needs, and its installation by OAuth.

Sources: docs.slack.dev/authentication/installing-with-oauth and /reference/app-manifest.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from channels_adapters.base import Connection, SendError
from channels_adapters.slack import listening
from channels_adapters.slack.client import refusals, web_client
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import AuthAnswer, OAuthAnswer
from chatbot.conversations.models import Channel

if TYPE_CHECKING:
    from slack_sdk.web.slack_response import SlackResponse

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "files:read",
    "files:write",
    "groups:history",
    "im:history",
    "im:write",
    "mpim:history",
    "users:read",
    "users:read.email",
)
# Without the others something is missing; without these nothing works.
NEEDED = frozenset({"chat:write", "im:history", "app_mentions:read"})
EVENTS = ("app_mention", "message.channels", "message.groups", "message.im", "message.mpim")


def manifest(
    hook_url: str, redirect_uri: str, *, name: str = "Svar", socket: bool = False
) -> dict[str, Any]:
    """Return an app manifest, for “Create an app → From a manifest” at api.slack.com/apps."""
    request_url = {} if socket else {"request_url": hook_url}
    return {
        "display_information": {"name": name[:35]},
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name[:80], "always_online": True},
        },
        "oauth_config": {"redirect_urls": [redirect_uri], "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def install_url(channel: Channel, state: str, redirect_uri: str) -> str:
    """Return where somebody installs the app in their workspace.

    Slack sends them back to `redirect_uri` with `code` and `state`, which the caller signs.
    Raises SendError while there is no client ID: Slack's own page would not say what to do.
    """
    options = Options.of(channel)
    if not options.client_id:
        raise SendError(
            _(
                "First enter the client ID and secret and save: both are under “Basic "
                "Information” of your Slack app."
            ),
            permanent=True,
        )
    asked = {
        "client_id": options.client_id,
        "scope": ",".join(SCOPES),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{options.at_api('/oauth/v2/authorize')}?{urlencode(asked)}"


def exchange(channel: Channel, code: str, redirect_uri: str) -> Connection:
    """Return the connection to a workspace that has just installed the app. Raises SendError.

    The new channel's `config` and `secrets` are all there: the app's secrets go with it.
    """
    options = Options.of(channel)
    with refusals():
        answer = web_client(options, "").oauth_v2_access(
            client_id=options.client_id,
            client_secret=options.client_secret,
            code=code,
            redirect_uri=redirect_uri,
        )
        token = OAuthAnswer.model_validate(answer.data).access_token
    known = identify(options.model_copy(update={"bot_token": token}))
    return Connection(
        account=known.account,
        text=known.text,
        config={
            "way": options.way,
            "api_url": options.api_url,
            # One connection of Socket Mode has the events of all workspaces.
            "installed_by": channel.key,
            **known.config,
        },
        secrets={
            "bot_token": token,
            "signing_secret": options.signing_secret,
            "app_token": options.app_token,
        },
    )


def connect(options: Options, hook_url: str) -> Connection:
    """Ask Slack who we are, and try the way by which events come. Raises SendError."""
    if not options.bot_token:
        raise SendError(
            _("Enter the bot token, or install the app in a workspace."), permanent=True
        )
    known = identify(options)
    if options.way == "socket":
        listening.open_url(options)
        advice = _("Turn on Socket Mode in the settings of your Slack app.")
    elif not options.signing_secret:
        raise SendError(
            _("Without the signing secret nothing from Slack is accepted."), permanent=True
        )
    else:
        advice = _(
            "In your Slack app enter %(url)s as “Request URL” of both “Event Subscriptions” and "
            "“Interactivity & Shortcuts”."
        ) % {"url": hook_url}
    events = _("Subscribe to the bot events %(events)s.") % {"events": ", ".join(EVENTS)}
    return Connection(known.account, f"{known.text} {advice} {events}", known.config)


def identify(options: Options) -> Connection:
    """Return whose the bot token is and what it may do. Raises SendError."""
    with refusals():
        answer = web_client(options, options.bot_token).auth_test()
        known = AuthAnswer.model_validate(answer.data)
    scopes = _scopes(answer)
    lacking = sorted(NEEDED - set(scopes)) if scopes else []
    if lacking:
        raise SendError(
            _(
                "The Slack app lacks the permission %(scope)s. Add it under “OAuth & "
                "Permissions” and install the app again."
            )
            % {"scope": ", ".join(lacking)},
            permanent=True,
        )
    text = _("Connected to the workspace %(team)s as @%(bot)s.") % {
        "team": known.team,
        "bot": known.user,
    }
    config = {
        "team": known.team,
        "bot_user_id": known.user_id,
        "bot_id": known.bot_id,
        "scopes": scopes,
    }
    return Connection(known.team_id, text, config)


def _scopes(answer: "SlackResponse") -> list[str]:
    headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
    return [each.strip() for each in headers.get("x-oauth-scopes", "").split(",") if each.strip()]
