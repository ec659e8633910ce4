"""Slack: direct messages with the bot, and threads of channels in which it was mentioned."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.forms import Form
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from channels_adapters.base import Accepted, Connection, HookRequest
from channels_adapters.slack import files, hooks, installing, listening, parsing, sending
from channels_adapters.slack.blocks import BUTTON_TEXT, BUTTONS, SECTION_TEXT
from channels_adapters.slack.client import refusals, web_client
from channels_adapters.slack.forms import SlackForm
from channels_adapters.slack.options import Options
from channels_adapters.slack.payloads import UserAnswer
from chatbot.conversations.models import Channel
from chatbot.envelope import Capabilities, Event, Inbound, OutboundMessage, Sent


class SlackAdapter:
    """`channels_adapters.base.ChannelAdapter` for one workspace of Slack.

    Also AcceptsHooks, Listens, Fetches, Describes, PostsNotices and Connects; in admin
    TellsWhere, HasLinks and HasPages.
    """

    label: ClassVar[Any] = _("Slack")
    about: ClassVar[Any] = _("A workspace where customers write to your app, or mention it.")
    where_from: ClassVar[Any] = _(
        "api.slack.com/apps makes an app from a manifest: docs/channels.md, Slack."
    )
    # Rich text has no documented limit, and chat.postMessage advises 4,000 characters. 3,000, as
    # of a section block, leaves room for `text`, where an & takes five. Bots cannot show that
    # they type.
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=SECTION_TEXT,
        buttons=BUTTONS,
        button_length=BUTTON_TEXT,
        files=True,
        edits=True,
        threads=True,
    )
    form: ClassVar[type[Form]] = SlackForm
    secret_fields: ClassVar[tuple[str, ...]] = (
        "bot_token",
        "signing_secret",
        "app_token",
        "client_secret",
    )

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    @cached_property
    def _options(self) -> Options:
        return Options.of(self.channel)

    def accept(self, request: HookRequest) -> Accepted:
        """Verify a request of the Events API or of a button. Raises RefusedHook."""
        return hooks.accept(request, self._options.signing_secret)

    @property
    def is_listening(self) -> bool:
        """Whether events come by Socket Mode, over a connection of this channel's own."""
        return (
            self._options.way == "socket"
            and bool(self._options.app_token)
            and self._options.installed_by in ("", self.channel.key)
        )

    def listen(self, record: Callable[[Sequence[Event]], None], stopping: threading.Event) -> None:
        """Record what comes by Socket Mode, until `stopping`. Raises SendError."""
        listening.listen(self._options, record, stopping)

    def parse(self, event: Event) -> Sequence[Inbound]:
        """Return what an event says. Raises pydantic's ValidationError, which shows no values.

        `details` of a message: team, user, channel (IDs), mentioned; and only_if_known, where
        nobody spoke to the bot: it belongs to the conversation of its thread, or to none.
        """
        return parsing.parse(self.channel, self._options, event)

    def send(self, message: OutboundMessage) -> Sent:
        """Post a message in its thread, or as a direct message. Raises SendError."""
        return sending.send(self._options, message)

    def fetch(self, reference: str) -> bytes:
        """Return the content of a file that came. Raises SendError."""
        return files.fetch(self._options, reference)

    def connect(self, hook_url: str) -> Connection:
        """Look who the bot is, and say what is to be set in the Slack app. Raises SendError."""
        return installing.connect(self._options, hook_url)

    def describe(self, sender_id: str) -> tuple[str, str]:
        """Return a sender's name and e-mail address, either may be empty. Raises SendError.

        Events have neither. It takes a request of its own: not while somebody waits.
        """
        with refusals():
            client = web_client(self._options, self._options.bot_token)
            answer = client.users_info(user=sender_id.rpartition(":")[2])
            user = UserAnswer.model_validate(answer.data).user
        profile = user.profile
        return profile.real_name or profile.display_name or user.name, profile.email

    def post_notice(
        self, channel: str, text: str, url: str, button_text: str, *, key: str = ""
    ) -> Sent:
        """Tell agents something in a channel of theirs, with a link. Raises SendError.

        `key` is the same for every attempt at this notice, as that of messages.
        """
        return sending.post_notice(self._options, channel, text, url, button_text, key=key)

    def links(self) -> Sequence[tuple[str, Any]]:
        """Return where an app begins, and where it goes to further workspaces."""
        key = self.channel.key
        return (
            (reverse("slack-manifest", args=[key]), _("Manifest for a new Slack app")),
            (reverse("slack-install", args=[key]), _("Install in another workspace")),
        )

    @staticmethod
    def pages() -> Sequence[URLPattern]:
        """Return the pages of the manifest and of installing by OAuth."""
        from channels_adapters.slack import views

        return [
            path("<slug:key>/manifest/", views.manifest, name="slack-manifest"),
            path("<slug:key>/install/", views.install, name="slack-install"),
            path("installed/", views.installed, name="slack-installed"),
        ]
