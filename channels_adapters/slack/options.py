"""What an admin has set for a Slack channel, and what connecting has learnt."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chatbot.conversations.models import Channel

API_URL = "https://slack.com/api/"


class Options(BaseModel):
    """`Channel.config` and `Channel.secrets`, read. Fields of neither are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    way: Literal["events", "socket"] = "events"
    api_url: str = API_URL
    notice_channel: str = ""
    client_id: str = ""
    bot_token: str = Field("", repr=False)
    signing_secret: str = Field("", repr=False)
    app_token: str = Field("", repr=False)
    client_secret: str = Field("", repr=False)
    # What connecting has learnt.
    team: str = ""
    bot_user_id: str = ""
    bot_id: str = ""
    scopes: tuple[str, ...] = ()
    installed_by: str = ""

    @field_validator("api_url")
    @classmethod
    def _ends_in_slash(cls, value: str) -> str:
        return (value or API_URL).rstrip("/") + "/"

    @classmethod
    def of(cls, channel: Channel) -> "Options":
        """Return the options of a channel. Raises pydantic's ValidationError, without values."""
        return cls.model_validate({**channel.config, **channel.secrets})

    def at_api(self, path: str) -> str:
        """Return the address of a page beside the API, such as `/oauth/v2/authorize`."""
        url = urlsplit(self.api_url)
        return f"{url.scheme}://{url.netloc}{path}"

    def serves(self, url: str) -> bool:
        """Return whether a URL is Slack's own: the bot token may go there and nowhere else.

        Slack's own are the API's host with its port and scheme, and hosts below it, such as
        files.slack.com.
        """
        try:
            api, asked = urlsplit(self.api_url), urlsplit(url)
            ports = api.port, asked.port
        except ValueError:
            return False
        host, own = asked.hostname or "", api.hostname or ""
        return (
            asked.scheme == api.scheme
            and ports[0] == ports[1]
            and (host == own or host.endswith("." + own))
        )
