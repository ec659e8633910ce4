"""The writes of channels: what their services said when they were connected."""

from collections.abc import Mapping
from typing import Any

from chatbot.conversations.models import Channel


def keep_connection(
    *, channel: Channel, account: str, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> None:
    """Keep what a service said of a channel when it was connected."""
    channel.account = account[:254]
    channel.config = {**channel.config, **config}
    channel.secrets = {**channel.secrets, **secrets}
    channel.save(update_fields=["account", "config", "secrets"])


def connect_account(
    *, parent: Channel, account: str, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> Channel:
    """Return the channel of another account that was connected through `parent`, as it is now."""
    channel = Channel.objects.filter(kind=parent.kind, account=account).first()
    if channel is None:
        channel = Channel.objects.create(
            kind=parent.kind,
            name=parent.name,
            bot_name=parent.bot_name,
            language=parent.language,
            reply_minutes=parent.reply_minutes,
            opening_hours=parent.opening_hours,
            holidays=parent.holidays,
            closed_days=parent.closed_days,
            away_messages=parent.away_messages,
            people_first=parent.people_first,
            offer_bot_seconds=parent.offer_bot_seconds,
            asks_rating=parent.asks_rating,
            nps_days=parent.nps_days,
            threshold=parent.threshold,
        )
    keep_connection(channel=channel, account=account, config=config, secrets=secrets)
    return channel
