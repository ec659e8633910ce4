"""Connecting a channel to its service: tested, set up there, and what it said kept."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from channels_adapters.base import Connection, SendError
from chatbot.adapters import adapter_class
from chatbot.conversations import received
from chatbot.conversations.channels import keep_connection
from chatbot.conversations.models import Channel

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it works, in words for an admin."""

    works: bool
    text: str


def hook_url(channel: Channel) -> str:
    """Return the address that the channel's service calls."""
    return f"{settings.BASE_URL}/hooks/{channel.kind}/{channel.key}"


def connect(*, channel: Channel) -> Outcome:
    """Try the connection, set up what can be set up, and record how it went."""
    try:
        found: Connection = adapter_class(channel.kind)(channel).connect(hook_url(channel))
    except SendError as error:
        received.note_health(channel_id=channel.pk, error=str(error))
        return Outcome(False, str(error))
    except Exception as error:
        logger.exception("channel %s could not be connected", channel.pk)
        received.note_health(channel_id=channel.pk, error=type(error).__name__)
        return Outcome(
            False,
            _("It did not work, and it is not clear why (%(error)s). The server's log says more.")
            % {"error": type(error).__name__},
        )
    keep_connection(
        channel=channel,
        account=found.account,
        config=found.config,
        secrets=found.secrets,
    )
    received.note_health(channel_id=channel.pk, error="")
    return Outcome(True, found.text)
